using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Concat"/>.</summary>
internal static class ConcatReference
{
    public static Tensor Evaluate(Concat op, ReferenceContext context)
    {
        Tensor[] parts = [.. Enumerable.Range(0, context.InputCount).Select(i => context[i])];
        return Slabs.Join(parts, MovementReference.Axis(op.Axis, parts[0].Rank));
    }
}

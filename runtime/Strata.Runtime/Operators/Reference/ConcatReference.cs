using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Concat"/>.</summary>
internal static class ConcatReference
{
    public static Tensor Evaluate(Concat op, ReferenceContext context)
    {
        var parts = Enumerable.Range(0, context.InputCount).Select(i => context[i]).ToArray();
        var first = parts[0];
        int axis = (int)(op.Axis < 0 ? op.Axis + first.Rank : op.Axis);
        foreach (var part in parts)
        {
            if (part.Rank != first.Rank || Enumerable.Range(0, first.Rank).Any(d => d != axis && part.Dims[d] != first.Dims[d]))
                throw ReferenceContext.Fail($"{part} and {first} cannot be joined along axis {axis}");
        }
        int[] dims = [.. first.Dims];
        dims[axis] = parts.Sum(p => p.Dims[axis]);
        return Slabs.Join(parts, dims, axis);
    }
}

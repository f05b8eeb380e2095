using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="ShapeOf"/>.</summary>
internal static class ShapeOfReference
{
    public static Tensor Evaluate(ShapeOf op, ReferenceContext context)
    {
        var dims = context[0].Dims;
        var (start, end) = op.Range(dims.Length);
        return Tensor.Vector<long>([.. dims[start..end].Select(d => (long)d)]);
    }
}

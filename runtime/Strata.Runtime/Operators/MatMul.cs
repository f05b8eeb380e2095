using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Matrix product a <c>[…, M, K]</c> · b <c>[…, K, N]</c> to <c>[…, M, N]</c>; leading dimensions broadcast, a rank-1 operand
/// is a row (left) or a column (right) whose added dimension is dropped from the result.
/// </summary>
public sealed record MatMul : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(0, "floating point or integer", static t => t.IsFloat() || t.IsInteger());
        TensorType a = context.Input(0), b = context.Input(1);
        if (a.ElementType != b.ElementType) throw context.Fail($"element types differ: {a.ElementType.Name()} and {b.ElementType.Name()}");
        context.Output(0, a.ElementType, ProductShape(context, a.Shape, b.Shape));
    }

    /// <summary>The shape of a product, shared by its float, integer and quantised forms; null when either rank is unknown.</summary>
    internal static Shape? ProductShape(InferenceContext context, Shape? a, Shape? b)
    {
        if (a?.Rank == 0 || b?.Rank == 0) throw context.Fail("a scalar is not a matrix; multiply it elementwise");
        if (a is null || b is null) return null;
        context.Same(a[a.Rank - 1], b[Math.Max(b.Rank - 2, 0)], "the last dimension of the left matrix must be the last but one of the right");
        var batch = context.Broadcast(Leading(a), Leading(b))!;
        return Shape.Create([.. batch, .. a.Rank > 1 ? [a[a.Rank - 2]] : Array.Empty<Dim>(), .. b.Rank > 1 ? [b[b.Rank - 1]] : Array.Empty<Dim>()]);
    }

    private static Shape Leading(Shape shape) => shape.Rank > 2 ? Shape.Create(shape.Dims.AsSpan()[..^2]) : Shape.Scalar;
}

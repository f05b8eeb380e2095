using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>A function of square matrices <c>[…, M, M]</c>.</summary>
public abstract record SquareMatrices : Operator
{
    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        var type = context.Input(0);
        if (type.Shape is { } shape)
        {
            if (shape.Rank < 2) throw context.Fail($"a matrix needs rank 2 or more, the input is {shape}");
            context.Same(shape[shape.Rank - 2], shape[shape.Rank - 1], "the matrices must be square");
        }
        context.Output(0, type.ElementType, type.Shape is null ? null : ResultShape(type.Shape));
    }

    /// <summary>The shape of the results of matrices of a shape.</summary>
    protected abstract Shape ResultShape(Shape matrices);
}

/// <summary>Determinants <c>[…]</c>; that of an empty matrix is 1.</summary>
public sealed record Det : SquareMatrices
{
    /// <inheritdoc/>
    protected override Shape ResultShape(Shape matrices) => Shape.Create(matrices.Dims.AsSpan()[..^2]);
}

/// <summary>Inverse matrices <c>[…, M, M]</c>; of a singular matrix, infinities and NaN.</summary>
public sealed record Inverse : SquareMatrices
{
    /// <inheritdoc/>
    protected override Shape ResultShape(Shape matrices) => matrices;
}

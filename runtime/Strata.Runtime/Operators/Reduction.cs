using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Combines the elements along axes: the second operand (i64, rank 1) names them; omitted or empty it means all axes, or
/// none with <see cref="NoopWithEmptyAxes"/>. Integers stay integers; floats round once at the end.
/// </summary>
public abstract record Reduction : Operator
{
    /// <summary>True keeps reduced dimensions as 1.</summary>
    public bool KeepDims { get; init; } = true;

    /// <summary>True when no axes means that each element is reduced on its own.</summary>
    public bool NoopWithEmptyAxes { get; init; }

    /// <inheritdoc/>
    public sealed override Operator Walk(AttributeWalker walker) => this with
    {
        KeepDims = walker.Flag("keepdims", KeepDims),
        NoopWithEmptyAxes = walker.Flag("noop_with_empty_axes", NoopWithEmptyAxes),
    };

    private protected virtual bool Accepts(ElementType type) => type.IsFloat() || type.IsInteger();

    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 2);
        context.Allow(0, Accepts(ElementType.Bool) ? "a real number or bool" : "a real number", Accepts);
        if (context.Has(1)) context.Allow(1, "i64", static t => t == ElementType.Int64);
        var data = context.Input(0);
        context.Output(0, data.ElementType, OutputShape(context, data.Shape));
        if (data.Rank <= 1 && context.Contents(0) is { } elements && !NoopWithEmptyAxes) context.OutputContents(0, OnContents(elements) is { } dim ? [dim] : null);
    }

    // What the reduction of a whole vector of dimensions is, where it is a dimension.
    private protected virtual Dim? OnContents(IReadOnlyList<Dim> elements) => null;

    private Shape? OutputShape(InferenceContext context, Shape? shape)
    {
        bool none = !context.Has(1) || context.Input(1).Shape is { Rank: 1 } length && length[0].Is(0);
        if (none && NoopWithEmptyAxes) return shape;
        if (none && !KeepDims) return Shape.Scalar;
        if (shape is null) return null;
        if (none) return Shape.Create([.. shape.Select(_ => Dim.One)]);
        if (context.ConstantInts(1) is not { } given)
        {
            if (KeepDims) return context.FreshShape(shape.Rank);
            return context.Input(1).Shape?.Constant is [var count] && count <= shape.Rank ? context.FreshShape(shape.Rank - count) : null;
        }
        var axes = AxisList.Normalize(given, shape.Rank);
        return KeepDims
            ? Shape.Create([.. shape.Select((dim, d) => axes.Contains(d) ? Dim.One : dim)])
            : Shape.Create([.. shape.Where((_, d) => !axes.Contains(d))]);
    }
}

/// <summary>Σ x.</summary>
public sealed record ReduceSum : Reduction
{
    private protected override Dim? OnContents(IReadOnlyList<Dim> elements) => elements.Aggregate(Dim.Zero, static (a, b) => a + b);
}

/// <summary>Π x.</summary>
public sealed record ReduceProd : Reduction
{
    private protected override Dim? OnContents(IReadOnlyList<Dim> elements) => elements.Aggregate(Dim.One, static (a, b) => a * b);
}

/// <summary>The largest element; −∞ (the least integer, false) of none.</summary>
public sealed record ReduceMax : Reduction
{
    private protected override bool Accepts(ElementType type) => type == ElementType.Bool || base.Accepts(type);

    private protected override Dim? OnContents(IReadOnlyList<Dim> elements) => elements.Count == 0 ? null : elements.Aggregate(Dim.Max);
}

/// <summary>The smallest element; +∞ (the greatest integer, true) of none.</summary>
public sealed record ReduceMin : Reduction
{
    private protected override bool Accepts(ElementType type) => type == ElementType.Bool || base.Accepts(type);

    private protected override Dim? OnContents(IReadOnlyList<Dim> elements) => elements.Count == 0 ? null : elements.Aggregate(Dim.Min);
}

/// <summary>Σ x / n; integers truncate toward zero.</summary>
public sealed record ReduceMean : Reduction;

/// <summary>Σ |x|.</summary>
public sealed record ReduceL1 : Reduction;

/// <summary>√Σ x².</summary>
public sealed record ReduceL2 : Reduction;

/// <summary>ln Σ x.</summary>
public sealed record ReduceLogSum : Reduction;

/// <summary>ln Σ eˣ.</summary>
public sealed record ReduceLogSumExp : Reduction;

/// <summary>Σ x².</summary>
public sealed record ReduceSumSquare : Reduction;

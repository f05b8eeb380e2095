using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>The index (i64) of an extreme element along an axis; NaN counts as extreme.</summary>
public abstract record ArgExtreme : Operator
{
    /// <summary>The axis, in [−rank, rank).</summary>
    public long Axis { get; init; }

    /// <summary>True keeps the axis with extent 1.</summary>
    public bool KeepDims { get; init; } = true;

    /// <summary>True takes the last of equal elements, false the first.</summary>
    public bool SelectLastIndex { get; init; }

    /// <inheritdoc/>
    public sealed override Operator Walk(AttributeWalker walker) => this with
    {
        Axis = walker.Int("axis", Axis),
        KeepDims = walker.Flag("keepdims", KeepDims),
        SelectLastIndex = walker.Flag("select_last_index", SelectLastIndex),
    };

    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "a real number", static t => t.IsFloat() || t.IsInteger());
        Shape? shape = context.Input(0).Shape;
        if (shape is not null)
        {
            if (shape.Rank == 0) throw context.Fail("a scalar has no axis to search");
            int axis = context.Axis(Axis, shape.Rank);
            shape = KeepDims ? shape.With(axis, Dim.One) : Shape.Create([.. shape.Dims.RemoveAt(axis)]);
        }
        context.Output(0, ElementType.Int64, shape);
    }
}

/// <summary>The index of the largest element.</summary>
public sealed record ArgMax : ArgExtreme;

/// <summary>The index of the smallest element.</summary>
public sealed record ArgMin : ArgExtreme;

/// <summary>
/// The k largest (smallest) elements along an axis and their indices (i64); k is the second operand, one i64. Of equal
/// elements the one with the lower index comes first; NaN counts as largest.
/// </summary>
public sealed record TopK : Operator
{
    /// <summary>The axis, in [−rank, rank).</summary>
    public long Axis { get; init; } = -1;

    /// <summary>True for the largest.</summary>
    public bool Largest { get; init; } = true;

    /// <summary>False leaves the order of the results open.</summary>
    public bool Sorted { get; init; } = true;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Axis = walker.Int("axis", Axis),
        Largest = walker.Flag("largest", Largest),
        Sorted = walker.Flag("sorted", Sorted),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(0, "a real number", static t => t.IsFloat() || t.IsInteger());
        context.Allow(1, "i64", static t => t == ElementType.Int64);
        var data = context.Input(0);
        if (context.Input(1).Shape?.Count.Constant is not (null or 1)) throw context.Fail($"k must have one element, is {context.Input(1)}");
        Shape? shape = data.Shape;
        if (shape is not null)
        {
            if (shape.Rank == 0) throw context.Fail("a scalar has no axis to sort");
            int axis = context.Axis(Axis, shape.Rank);
            Dim k = context.Contents(1) is [var given] ? given : context.Fresh();
            if (k.Constant < 0 || k.Constant > shape[axis].Constant) throw context.Fail($"k is {k}; axis {axis} of {shape} allows 0 to {shape[axis]}");
            shape = shape.With(axis, k);
        }
        context.Output(0, data.ElementType, shape);
        context.Output(1, ElementType.Int64, shape);
    }
}

/// <summary>Running totals along the axis that the second operand (one i32 or i64) names.</summary>
public abstract record Cumulation : Operator
{
    /// <summary>True leaves the element itself out of its total.</summary>
    public bool Exclusive { get; init; }

    /// <summary>True runs from the end to the beginning.</summary>
    public bool Reverse { get; init; }

    /// <inheritdoc/>
    public sealed override Operator Walk(AttributeWalker walker) => this with { Exclusive = walker.Flag("exclusive", Exclusive), Reverse = walker.Flag("reverse", Reverse) };

    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(0, "a real number", static t => t.IsFloat() || t.IsInteger());
        context.Allow(1, "i32 or i64", static t => t is ElementType.Int32 or ElementType.Int64);
        var data = context.Input(0);
        if (context.Input(1).Shape?.Count.Constant is not (null or 1)) throw context.Fail($"the axis must be one number, is {context.Input(1)}");
        if (data.Rank is { } rank && context.ConstantInts(1) is [var axis]) AxisList.Normalize([axis], rank);
        context.Output(0, data.ElementType, data.Shape);
    }
}

/// <summary>Running sums.</summary>
public sealed record CumSum : Cumulation;

/// <summary>Running products.</summary>
public sealed record CumProd : Cumulation;

using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>The upper or lower triangle of matrices <c>[…, M, N]</c>, zeros elsewhere. The second operand (one i64, 0 when omitted) says which diagonal bounds it.</summary>
public sealed record Trilu : Operator
{
    /// <summary>True keeps the upper triangle, false the lower.</summary>
    public bool Upper { get; init; } = true;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Upper = walker.Flag("upper", Upper) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 2);
        if (context.Has(1)) context.Allow(1, "i64", static t => t == ElementType.Int64);
        var data = context.Input(0);
        if (data.Rank < 2) throw context.Fail($"the operand must have rank 2 or more, is {data}");
        context.Output(0, data.ElementType, data.Shape);
    }
}

/// <summary>Reverses the first elements of each sequence of a batch; the second operand (i64, <c>[batch]</c>) tells how many.</summary>
public sealed record ReverseSequence : Operator
{
    /// <summary>The axis of the batch, 0 or 1.</summary>
    public long BatchAxis { get; init; } = 1;

    /// <summary>The axis of time, the other of 0 and 1.</summary>
    public long TimeAxis { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { BatchAxis = walker.Int("batch_axis", BatchAxis), TimeAxis = walker.Int("time_axis", TimeAxis) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(1, "i64", static t => t == ElementType.Int64);
        if ((BatchAxis, TimeAxis) is not ((0, 1) or (1, 0))) throw context.Fail($"batch_axis is {BatchAxis} and time_axis {TimeAxis}; allowed are 0 and 1, one each");
        TensorType data = context.Input(0), lengths = context.Input(1);
        if (data.Rank < 2) throw context.Fail($"the operand must have rank 2 or more, is {data}");
        if (lengths.Rank is not (null or 1)) throw context.Fail($"the lengths must have rank 1, are {lengths}");
        if (data.Shape is { } shape && lengths.Shape is { } batch) context.Same(shape[(int)BatchAxis], batch[0], "there must be one length per sequence");
        context.Output(0, data.ElementType, data.Shape);
    }
}

/// <summary>The slices along an axis (the elements of the flattened operand when there is none) where the condition (bool, rank 1) holds; a condition that is too short ends with false.</summary>
public sealed record Compress : Operator
{
    /// <summary>The axis, in [−rank, rank), or null.</summary>
    public long? Axis { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Axis = walker.OptionalInt("axis", Axis) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(1, "bool", static t => t == ElementType.Bool);
        if (context.Input(1).Rank is not (null or 1)) throw context.Fail($"the condition must have rank 1, is {context.Input(1)}");
        var data = context.Input(0);
        Shape? shape = Axis is null ? [context.Fresh()] : data.Shape;
        if (Axis is { } axis && shape is not null) shape = shape.With(AxisList.Normalize([axis], shape.Rank)[0], context.Fresh());
        context.Output(0, data.ElementType, shape);
    }
}

/// <summary>The indices of all elements that are not zero, in row-major order: i64 <c>[rank, count]</c>.</summary>
public sealed record NonZero : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Output(0, ElementType.Int64, [context.Input(0).Rank is { } rank ? rank : context.Fresh(), context.Fresh()]);
    }
}

/// <summary>
/// The different elements of a tensor, or the different slices along an axis. Further outputs, all i64 of rank 1: where
/// each stands first, which of them each element or slice is, and how often each occurs.
/// </summary>
public sealed record Unique : Operator
{
    /// <summary>The axis, in [−rank, rank), or null for the elements of the flattened operand.</summary>
    public long? Axis { get; init; }

    /// <summary>True in ascending order, false in the order of their first occurrence.</summary>
    public bool Sorted { get; init; } = true;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Axis = walker.OptionalInt("axis", Axis), Sorted = walker.Flag("sorted", Sorted) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "ordered, not complex", static t => t.Kind() != ElementKind.Complex);
        var data = context.Input(0);
        Dim count = context.Fresh(), all = data.Shape?.Count ?? context.Fresh();
        Shape? shape = Axis is null ? [count] : data.Shape;
        if (Axis is { } given)
        {
            all = context.Fresh();
            if (shape is not null)
            {
                int axis = AxisList.Normalize([given], shape.Rank)[0];
                all = shape[axis];
                shape = shape.With(axis, count);
            }
        }
        context.Output(0, data.ElementType, shape);
        context.Output(1, ElementType.Int64, [count]);
        context.Output(2, ElementType.Int64, [all]);
        context.Output(3, ElementType.Int64, [count]);
    }
}

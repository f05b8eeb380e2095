using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>What the shape rules of sequence operators share.</summary>
internal static class SequenceTypes
{
    /// <summary>The element type of a sequence operand.</summary>
    public static NetworkType Element(InferenceContext context, int input) => context.Type(input) is SequenceType sequence
        ? sequence.Element
        : throw context.Fail($"input {input} must be a sequence, is {context.Type(input)}");

    /// <summary>The type of one element: dimensions known only at run time differ from element to element.</summary>
    public static NetworkType One(InferenceContext context, NetworkType type) => type is TensorType { Shape: { } shape } tensor
        ? tensor with { Shape = Shape.Create([.. shape.Select(d => d.Symbols.Any(s => s.StartsWith('?')) ? context.Fresh() : d)]) }
        : type;

    /// <summary>Refuses a position that is not one i32 or i64.</summary>
    public static void CheckPosition(InferenceContext context, int input)
    {
        if (!context.Has(input)) return;
        context.Allow(input, "i32 or i64", static t => t is ElementType.Int32 or ElementType.Int64);
        if (context.Input(input).Shape?.Count.Constant is not (null or 1)) throw context.Fail($"the position must have one element, is {context.Input(input)}");
    }
}

/// <summary>A sequence of the operands, in order.</summary>
public sealed record SequenceConstruct : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, int.MaxValue);
        var element = context.Type(0);
        for (int i = 1; i < context.InputCount; i++) element = TypeUnion.Of(context, element, context.Type(i));
        context.Output(0, new SequenceType(element));
    }
}

/// <summary>A sequence of tensors without elements.</summary>
public sealed record SequenceEmpty : Operator
{
    /// <summary>The element type of its tensors; f32 when absent.</summary>
    public ElementType? Type { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Type = walker.Type("dtype", Type) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(0, 0);
        context.Output(0, new SequenceType(new TensorType(Type ?? ElementType.Float32, null)));
    }
}

/// <summary>A sequence (operand 0) with a value (1) inserted before a position (2; at the end when omitted), in [−n, n].</summary>
public sealed record SequenceInsert : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 3);
        SequenceTypes.CheckPosition(context, 2);
        context.Output(0, new SequenceType(TypeUnion.Of(context, SequenceTypes.Element(context, 0), context.Type(1))));
    }
}

/// <summary>A sequence (operand 0) without the value at a position (1; the last when omitted), in [−n, n).</summary>
public sealed record SequenceErase : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 2);
        SequenceTypes.CheckPosition(context, 1);
        context.Output(0, new SequenceType(SequenceTypes.Element(context, 0)));
    }
}

/// <summary>The value of a sequence (operand 0) at a position (1), in [−n, n).</summary>
public sealed record SequenceAt : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        SequenceTypes.CheckPosition(context, 1);
        context.Output(0, SequenceTypes.One(context, SequenceTypes.Element(context, 0)));
    }
}

/// <summary>The number of values in a sequence, an i64 scalar.</summary>
public sealed record SequenceLength : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        SequenceTypes.Element(context, 0);
        context.Output(0, ElementType.Int64, Shape.Scalar);
    }
}

/// <summary>
/// A tensor cut along an axis into a sequence: into parts of the size that the second operand (i32 or i64) gives when it
/// is a scalar, of the sizes when it has rank 1, of 1 when it is omitted.
/// </summary>
public sealed record SplitToSequence : Operator
{
    /// <summary>The axis, in [−rank, rank).</summary>
    public long Axis { get; init; }

    /// <summary>False drops the axis; means something only when the sizes are omitted.</summary>
    public bool KeepDims { get; init; } = true;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Axis = walker.Int("axis", Axis), KeepDims = walker.Flag("keepdims", KeepDims) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 2);
        if (context.Has(1)) context.Allow(1, "i32 or i64", static t => t is ElementType.Int32 or ElementType.Int64);
        var data = context.Input(0);
        Shape? shape = data.Shape;
        if (shape is not null)
        {
            int axis = AxisList.Normalize([Axis], shape.Rank)[0];
            shape = context.Has(1) ? shape.With(axis, PartSize(context, shape[axis]))
                : KeepDims ? shape.With(axis, Dim.One)
                : Shape.Create([.. shape.Dims.RemoveAt(axis)]);
        }
        context.Output(0, new SequenceType(new TensorType(data.ElementType, shape)));
    }

    private static Dim PartSize(InferenceContext context, Dim extent)
    {
        if (context.Contents(1) is not { IsEmpty: false } sizes) return context.Fresh();
        bool even = context.Input(1).Rank == 1 ? sizes.All(s => s.Equals(sizes[0])) : extent.Constant % sizes[0].Constant == 0;
        return even ? sizes[0] : context.Fresh();
    }
}

/// <summary>The tensors of a sequence joined along an axis, or stacked along a new one.</summary>
public sealed record ConcatFromSequence : Operator
{
    /// <summary>The axis, in [−rank, rank); of a new axis in [−rank − 1, rank].</summary>
    public long Axis { get; init; }

    /// <summary>True stacks along a new axis.</summary>
    public bool NewAxis { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Axis = walker.Int("axis", Axis), NewAxis = walker.Flag("new_axis", NewAxis) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        if (SequenceTypes.Element(context, 0) is not TensorType element) throw context.Fail($"only tensors can be joined, the elements are {context.Type(0)}");
        Shape? shape = element.Shape;
        if (shape is not null)
        {
            int axis = AxisList.Normalize([Axis], shape.Rank + (NewAxis ? 1 : 0))[0];
            shape = NewAxis ? Shape.Create([.. shape.Dims.Insert(axis, context.Fresh())]) : shape.With(axis, context.Fresh());
        }
        context.Output(0, element.ElementType, shape);
    }
}

/// <summary>
/// Runs a network on each value of a sequence. Operands: the sequence; further values, sequences of the same length being
/// taken value by value; then captured values. Each result of the body becomes a sequence.
/// </summary>
public sealed record SequenceMap : Operator
{
    /// <summary>What is computed for each value.</summary>
    public Network Body { get; init; } = Network.Empty;

    /// <summary>Number of trailing operands that the body captures.</summary>
    public long Captures { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Body = walker.Network("body", Body), Captures = walker.Int("captures", Captures) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, int.MaxValue);
        SequenceTypes.Element(context, 0);
        if (Captures < 0 || Captures >= context.InputCount) throw context.Fail($"captures is {Captures}, {context.InputCount} operands are given");
        var body = new RepeatedBody(context, "body", Body);
        body.CheckCounts(context.InputCount, context.OutputCount);
        for (int i = 0; i < context.InputCount; i++)
        {
            bool taken = i < context.InputCount - Captures && context.Type(i) is SequenceType;
            body.CheckOperand(i, i, taken ? SequenceTypes.Element(context, i) : context.Type(i));
        }
        for (int i = 0; i < context.OutputCount; i++) context.Output(i, new SequenceType(body.Result(i)));
    }
}

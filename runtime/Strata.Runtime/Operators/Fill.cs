using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>A tensor of one value; the operand (i64, rank 1) gives its shape.</summary>
public sealed record ConstantOfShape : Operator
{
    /// <summary>The value, a tensor of one element; f32 zero when absent.</summary>
    public Constant? Value { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Value = walker.Tensor("value", Value) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "i64", static t => t == ElementType.Int64);
        if (Value is { } value && value.Count != 1) throw context.Fail($"value must have one element, is {value.Type}");
        var type = Value?.Type.ElementType ?? ElementType.Float32;
        Shape? shape = null;
        if (context.Contents(0) is { } dims)
        {
            if (dims.FirstOrDefault(d => d.Constant < 0) is { } negative) throw context.Fail($"the shape holds {negative}; allowed are 0 and up");
            shape = Shape.Create(dims.AsSpan());
        }
        else if (context.Input(0).Shape is { Rank: 1 } length && length[0].Constant is { } rank and <= Limits.Rank) shape = context.FreshShape((int)rank);
        context.Output(0, type, shape);
        if (type is ElementType.Int64 or ElementType.Int32 && shape?.Count.Constant is { } count and <= Limits.InlineElements)
            context.OutputContents(0, [.. Enumerable.Repeat(Dim.Of(Value!.Materialize().ToInt64s()[0]), (int)count)]);
    }
}

/// <summary>Numbers from start (operand 0) up to but not including limit (1) by delta (2), all scalars of one type.</summary>
public sealed record NumberRange : Operator
{
    /// <summary>In which type f16 and bf16 compute: f32 (1) or f64 (11).</summary>
    public long StashType { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { StashType = walker.Int("stash_type", StashType) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 3);
        var type = context.Input(0).ElementType;
        for (int i = 0; i < 3; i++)
        {
            context.Allow(i, i == 0 ? "a real number" : type.Name(), t => i == 0 ? t.IsFloat() || t.IsInteger() : t == type);
            if (context.Input(i).Shape is { } shape && shape.Count.Constant is not (null or 1)) throw context.Fail($"input {i} must be a scalar, is {context.Input(i)}");
        }
        if (StashType is not (1 or 11)) throw context.Fail($"stash_type is {StashType}; allowed are 1 (f32) and 11 (f64)");
        var count = Count(context);
        context.Output(0, type, [count ?? context.Fresh()]);
        if (count?.Constant is { } n and <= Limits.InlineElements && context.Contents(0) is [var start] && context.Contents(2) is [var delta])
            context.OutputContents(0, [.. Enumerable.Range(0, (int)n).Select(i => start + delta * i)]);
    }

    private static Dim? Count(InferenceContext context)
    {
        if (context.Contents(0) is [var start] && context.Contents(1) is [var limit] && context.Contents(2) is [{ Constant: { } step and not 0 }])
            return Dim.Max(0, step > 0 ? Dim.CeilDiv(limit - start, step) : Dim.CeilDiv(start - limit, -step));
        if (context.Constant(0) is not { } a || context.Constant(1) is not { } b || context.Constant(2) is not { } c || a.Type.ElementType is ElementType.Int64 or ElementType.UInt64) return null;
        return Length(a.Materialize().ToDoubles()[0], b.Materialize().ToDoubles()[0], c.Materialize().ToDoubles()[0]) is >= 0 and <= int.MaxValue and var length ? (long)length : null;
    }

    /// <summary>The number of elements; not a number when delta is 0.</summary>
    internal static double Length(double start, double limit, double delta) => Math.Max(Math.Ceiling((limit - start) / delta), 0);
}

/// <summary>
/// Vectors that are <c>values[1]</c> at an index and <c>values[0]</c> elsewhere. Operands: indices (numeric), depth (one
/// number), values <c>[off, on]</c>; the vectors lie along a new axis. Indices outside [−depth, depth) give off everywhere.
/// </summary>
public sealed record OneHot : Operator
{
    /// <summary>Where the new axis stands in the result, in [−rank − 1, rank].</summary>
    public long Axis { get; init; } = -1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Axis = walker.Int("axis", Axis) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 3);
        context.Allow(0, "a real number", static t => t.IsFloat() || t.IsInteger());
        context.Allow(1, "a real number", static t => t.IsFloat() || t.IsInteger());
        if (context.Input(1).Shape?.Count.Constant is not (null or 1)) throw context.Fail($"depth must have one element, is {context.Input(1)}");
        if (context.Input(2).Shape?.Count.Constant is not (null or 2)) throw context.Fail($"values must have two elements, is {context.Input(2)}");
        Shape? shape = null;
        if (context.Input(0).Shape is { } indices)
        {
            Dim depth = context.Contents(1) is [var symbolic] ? symbolic : context.Constant(1) is { } constant ? constant.Materialize().ToInt64s()[0] : context.Fresh();
            if (depth.Constant < 0) throw context.Fail($"depth is {depth}; allowed are 0 and up");
            int axis = context.Axis(Axis, indices.Rank + 1);
            shape = Shape.Create([.. indices.Dims.Insert(axis, depth)]);
        }
        context.Output(0, context.Input(2).ElementType, shape);
    }
}

/// <summary>Ones on a diagonal of a matrix that has the operand's shape, zeros elsewhere.</summary>
public sealed record EyeLike : Operator
{
    /// <summary>The element type; the operand's when absent.</summary>
    public ElementType? Type { get; init; }

    /// <summary>The diagonal: 0 the main one, positive above, negative below.</summary>
    public long Diagonal { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Type = walker.Type("dtype", Type), Diagonal = walker.Int("k", Diagonal) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        var data = context.Input(0);
        if (data.Rank is not (null or 2)) throw context.Fail($"the operand must be a matrix, is {data}");
        if ((Type ?? data.ElementType).Kind() is ElementKind.String) throw context.Fail("a matrix of strings has no ones");
        context.Output(0, Type ?? data.ElementType, data.Shape ?? context.FreshShape(2));
    }
}

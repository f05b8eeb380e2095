using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Draws numbers. The same seed gives the same numbers in every run and on every machine; an absent seed counts as 0. ONNX
/// leaves the generator open, so another runtime draws others.
/// </summary>
public abstract record RandomDraw : Operator
{
    /// <summary>The type of the result; null for f32, or for the operand's where there is one.</summary>
    public ElementType? Dtype { get; init; }

    /// <summary>Where the sequence starts.</summary>
    public float? Seed { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Dtype = walker.Type("dtype", Dtype), Seed = walker.OptionalFloat("seed", Seed) };
}

/// <summary>Draws from a distribution into a tensor of a fixed shape.</summary>
public abstract record RandomTensor : RandomDraw
{
    /// <summary>The dimensions of the result.</summary>
    public ImmutableArray<long> Dimensions { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (RandomTensor)base.Walk(walker) with { Dimensions = walker.Ints("shape", Dimensions) };

    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(0, 0);
        if (Dtype is { } type && !type.IsFloat()) throw context.Fail($"dtype must be floating point, is {type.Name()}");
        foreach (long dim in Dimensions)
        {
            if (dim is < 0 or > int.MaxValue) throw context.Fail($"shape contains {dim}, allowed are values from 0 to {int.MaxValue}");
        }
        context.Output(0, Dtype ?? ElementType.Float32, Shape.Create([.. Dimensions.Select(Dim.Of)]));
    }
}

/// <summary>Draws from a distribution into a tensor of the operand's shape; the operand's elements do not matter.</summary>
public abstract record RandomTensorLike : RandomDraw
{
    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        var type = Dtype ?? context.Input(0).ElementType;
        if (!type.IsFloat()) throw context.Fail($"the result must be floating point, is {type.Name()}; set dtype");
        context.Output(0, type, context.Input(0).Shape);
    }
}

/// <summary>Numbers from a normal distribution.</summary>
public sealed record RandomNormal : RandomTensor
{
    /// <summary>The mean.</summary>
    public float Mean { get; init; }

    /// <summary>The standard deviation.</summary>
    public float Scale { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (RandomNormal)base.Walk(walker) with { Mean = walker.Float("mean", Mean), Scale = walker.Float("scale", Scale) };
}

/// <summary>Numbers from a normal distribution, in the shape of the operand.</summary>
public sealed record RandomNormalLike : RandomTensorLike
{
    /// <summary>The mean.</summary>
    public float Mean { get; init; }

    /// <summary>The standard deviation.</summary>
    public float Scale { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (RandomNormalLike)base.Walk(walker) with { Mean = walker.Float("mean", Mean), Scale = walker.Float("scale", Scale) };
}

/// <summary>Numbers from a uniform distribution.</summary>
public sealed record RandomUniform : RandomTensor
{
    /// <summary>The least value.</summary>
    public float Low { get; init; }

    /// <summary>The bound that no value reaches.</summary>
    public float High { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (RandomUniform)base.Walk(walker) with { High = walker.Float("high", High), Low = walker.Float("low", Low) };
}

/// <summary>Numbers from a uniform distribution, in the shape of the operand.</summary>
public sealed record RandomUniformLike : RandomTensorLike
{
    /// <summary>The least value.</summary>
    public float Low { get; init; }

    /// <summary>The bound that no value reaches.</summary>
    public float High { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (RandomUniformLike)base.Walk(walker) with { High = walker.Float("high", High), Low = walker.Float("low", Low) };
}

/// <summary>Draws 1 with the probability that each element of the operand gives, 0 otherwise.</summary>
public sealed record Bernoulli : RandomDraw
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        var type = Dtype ?? context.Input(0).ElementType;
        if (type.Kind() is ElementKind.String or ElementKind.Complex) throw context.Fail($"dtype must be a number or bool, is {type.Name()}");
        context.Output(0, type, context.Input(0).Shape);
    }
}

/// <summary>
/// Draws class indices. Operand: unnormalised log-probabilities <c>[batch, classes]</c>; result <c>[batch, sample_size]</c>, by
/// default i32.
/// </summary>
public sealed record Multinomial : RandomDraw
{
    /// <summary>Draws per row.</summary>
    public long SampleSize { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (Multinomial)base.Walk(walker) with { SampleSize = walker.Int("sample_size", SampleSize) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        if (Dtype is not (null or ElementType.Int32 or ElementType.Int64)) throw context.Fail($"dtype must be i32 or i64, is {Dtype.Value.Name()}");
        if (SampleSize is < 1 or > int.MaxValue) throw context.Fail($"sample_size must be positive, is {SampleSize}");
        if (context.Input(0).Shape is { } shape && shape.Rank != 2) throw context.Fail($"the input must be [batch, classes], has shape {shape}");
        context.Output(0, Dtype ?? ElementType.Int32, [context.Input(0).Shape?[0] ?? context.Fresh(), SampleSize]);
    }
}

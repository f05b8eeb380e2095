using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Divides each element of x <c>[N, C, …]</c> by <c>(bias + alpha/size · Σ x²)^beta</c>, summed over neighbouring channels.</summary>
public sealed record Lrn : Operator
{
    /// <summary>Weight of the sum.</summary>
    public float Alpha { get; init; } = 0.0001f;

    /// <summary>The exponent.</summary>
    public float Beta { get; init; } = 0.75f;

    /// <summary>Added to the sum.</summary>
    public float Bias { get; init; } = 1;

    /// <summary>Channels summed over: ⌊(size − 1)/2⌋ before to ⌈(size − 1)/2⌉ after.</summary>
    public long Size { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Alpha = walker.Float("alpha", Alpha),
        Beta = walker.Float("beta", Beta),
        Bias = walker.Float("bias", Bias),
        Size = walker.Int("size", Size),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        if (Size is < 1 or > int.MaxValue) throw context.Fail($"size must be positive, is {Size}");
        if (context.Input(0).Rank < 2) throw context.Fail($"the input needs rank 2 or more, has {context.Input(0).Rank}");
        context.Output(0, context.Input(0));
    }
}

/// <summary><c>(x − mean) / (√var + 1e-9)</c> over axes.</summary>
public sealed record MeanVarianceNormalization : Operator
{
    /// <summary>The axes that mean and variance run over.</summary>
    public ImmutableArray<long> Axes { get; init; } = [0, 2, 3];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Axes = walker.Ints("axes", Axes) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        if (context.Input(0).Rank is { } rank)
        {
            foreach (long axis in Axes) context.Axis(axis, rank);
        }
        context.Output(0, context.Input(0));
    }
}

using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>A statistic over all spatial elements of each channel of x <c>[N, C, spatial…]</c>, to <c>[N, C, 1…]</c>.</summary>
public abstract record GlobalPooling : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        var x = context.Input(0);
        context.Output(0, x.ElementType, OutputShape(context, x.Shape));
    }

    internal static Shape? OutputShape(InferenceContext context, Shape? x)
    {
        if (x?.Rank < 2) throw context.Fail($"the input needs rank 2 or more, has {x.Rank}");
        for (int d = 2; d < x?.Rank; d++) x = x.With(d, 1);
        return x;
    }
}

/// <summary>The mean of each channel.</summary>
public sealed record GlobalAveragePool : GlobalPooling;

/// <summary>The largest element of each channel; NaN wins.</summary>
public sealed record GlobalMaxPool : GlobalPooling;

/// <summary>The Lp norm of each channel.</summary>
public sealed record GlobalLpPool : GlobalPooling
{
    /// <summary>The exponent.</summary>
    public long P { get; init; } = 2;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { P = walker.Int("p", P) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        if (P < 1) throw context.Fail($"p must be positive, is {P}");
        base.Infer(context);
    }
}

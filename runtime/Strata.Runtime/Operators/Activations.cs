using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary><c>1 / (1 + e^−x)</c>.</summary>
public sealed record Sigmoid : Unary;

/// <summary><c>max(x, 0)</c>.</summary>
public sealed record Relu : UnaryNumeric
{
    /// <inheritdoc/>
    protected override Dim? OnDim(Dim x) => x.IsNonNegative ? x : x.Constant is < 0 ? Dim.Zero : null;
}

/// <summary><c>x</c> from zero on, <c>alpha · x</c> below.</summary>
public sealed record LeakyRelu : Unary
{
    /// <summary>Slope below zero.</summary>
    public float Alpha { get; init; } = 0.01f;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Alpha = walker.Float("alpha", Alpha) };
}

/// <summary><c>x</c> above <c>alpha</c>, 0 elsewhere.</summary>
public sealed record ThresholdedRelu : Unary
{
    /// <summary>The threshold.</summary>
    public float Alpha { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Alpha = walker.Float("alpha", Alpha) };
}

/// <summary><c>x</c> from zero on, <c>alpha · (eˣ − 1)</c> below.</summary>
public sealed record Elu : Unary
{
    /// <summary>The limit at −∞, negated.</summary>
    public float Alpha { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Alpha = walker.Float("alpha", Alpha) };
}

/// <summary><c>max(0, x) + min(0, alpha · (e^(x/alpha) − 1))</c>.</summary>
public sealed record Celu : Unary
{
    /// <summary>The limit at −∞, negated.</summary>
    public float Alpha { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Alpha = walker.Float("alpha", Alpha) };
}

/// <summary><c>gamma · x</c> above zero, <c>gamma · alpha · (eˣ − 1)</c> elsewhere.</summary>
public sealed record Selu : Unary
{
    /// <summary>The limit at −∞, negated and divided by <see cref="Gamma"/>.</summary>
    public float Alpha { get; init; } = 1.67326319217681884765625f;

    /// <summary>The slope above zero.</summary>
    public float Gamma { get; init; } = 1.05070102214813232421875f;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Alpha = walker.Float("alpha", Alpha), Gamma = walker.Float("gamma", Gamma) };
}

/// <summary><c>max(0, min(1, alpha · x + beta))</c>.</summary>
public sealed record HardSigmoid : Unary
{
    /// <summary>The slope.</summary>
    public float Alpha { get; init; } = 0.2f;

    /// <summary>The value at zero.</summary>
    public float Beta { get; init; } = 0.5f;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Alpha = walker.Float("alpha", Alpha), Beta = walker.Float("beta", Beta) };
}

/// <summary><c>x · max(0, min(1, x/6 + ½))</c>.</summary>
public sealed record HardSwish : Unary;

/// <summary><c>x · sigmoid(alpha · x)</c>; SiLU when alpha is 1.</summary>
public sealed record Swish : Unary
{
    /// <summary>Scales the argument of the sigmoid.</summary>
    public float Alpha { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Alpha = walker.Float("alpha", Alpha) };
}

/// <summary><c>x · tanh(ln(1 + eˣ))</c>.</summary>
public sealed record Mish : Unary;

/// <summary><c>ln(1 + eˣ)</c>.</summary>
public sealed record Softplus : Unary;

/// <summary><c>x / (1 + |x|)</c>.</summary>
public sealed record Softsign : Unary;

/// <summary>How <see cref="Gelu"/> is computed.</summary>
public enum GeluApproximation
{
    /// <summary><c>x/2 · (1 + erf(x/√2))</c>.</summary>
    None,
    /// <summary><c>x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))</c>.</summary>
    Tanh,
}

/// <summary>The Gaussian error linear unit: <c>x · Φ(x)</c>.</summary>
public sealed record Gelu : Unary
{
    private static readonly ImmutableArray<string> ApproximationNames = ["none", "tanh"];

    /// <summary>The exact form or the approximation by tanh.</summary>
    public GeluApproximation Approximate { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Approximate = (GeluApproximation)walker.Choice("approximate", (int)Approximate, ApproximationNames),
    };
}

/// <summary><c>x + bias</c> below −lambd, <c>x − bias</c> above lambd, 0 between.</summary>
public sealed record Shrink : UnaryNumeric
{
    /// <summary>Moves what remains toward zero.</summary>
    public float Bias { get; init; }

    /// <summary>Half the width of the interval that becomes zero.</summary>
    public float Lambd { get; init; } = 0.5f;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Bias = walker.Float("bias", Bias), Lambd = walker.Float("lambd", Lambd) };
}

/// <summary><c>x</c> from zero on, <c>slope · x</c> below; the slope broadcasts to the input's shape.</summary>
public sealed record PRelu : Operator
{
    /// <inheritdoc/>
    public override bool IsElementwise => true;

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(0, "floating point or integer", static t => t.IsFloat() || t.IsInteger());
        TensorType x = context.Input(0), slope = context.Input(1);
        if (x.ElementType != slope.ElementType) throw context.Fail($"the slope is {slope.ElementType.Name()}, the input is {x.ElementType.Name()}");
        if (x.Shape is not null && slope.Shape is not null)
        {
            if (slope.Rank > x.Rank) throw context.Fail($"the slope {slope.Shape} must broadcast to the input {x.Shape}");
            context.Broadcast(x.Shape, slope.Shape);
        }
        context.Output(0, x.ElementType, x.Shape);
    }
}

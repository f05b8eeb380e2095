using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>A function of all elements along one axis that keeps the shape.</summary>
public abstract record AlongAxis : Operator
{
    /// <summary>The axis, in [−rank, rank).</summary>
    public long Axis { get; init; } = -1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Axis = walker.Int("axis", Axis) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        var x = context.Input(0);
        if (x.Rank is { } rank) context.Axis(Axis, rank);
        context.Output(0, x.ElementType, x.Shape);
    }
}

/// <summary><c>exp(x) / Σ exp(x)</c> along an axis.</summary>
public sealed record Softmax : AlongAxis;

/// <summary><c>log(exp(x) / Σ exp(x))</c> along an axis.</summary>
public sealed record LogSoftmax : AlongAxis;

/// <summary>1 at the first largest element along an axis, 0 elsewhere.</summary>
public sealed record Hardmax : AlongAxis;

/// <summary><c>x / ‖x‖ₚ</c> along an axis; 0 where the norm is 0.</summary>
public sealed record LpNormalization : AlongAxis
{
    /// <summary>The exponent: 1 or 2.</summary>
    public long P { get; init; } = 2;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => ((LpNormalization)base.Walk(walker)) with { P = walker.Int("p", P) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        if (P is not (1 or 2)) throw context.Fail($"p is {P}; allowed are 1 and 2");
        base.Infer(context);
    }
}

using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>How the scores of a classifier or regressor become its output.</summary>
public enum ScoreFunction
{
    /// <summary>As they are.</summary>
    None,
    /// <summary>eˣ / Σ eˣ over a row.</summary>
    Softmax,
    /// <summary>1 / (1 + e⁻ˣ).</summary>
    Logistic,
    /// <summary>Softmax in which a zero score stays zero.</summary>
    SoftmaxZero,
    /// <summary>√2 · erf⁻¹(2x − 1).</summary>
    Probit,
}

/// <summary>Applies a <see cref="ScoreFunction"/> to the rows of a matrix of scores.</summary>
public sealed record ScoreTransform : Operator
{
    /// <summary>ONNX's names of <see cref="ScoreFunction"/>.</summary>
    internal static readonly ImmutableArray<string> Names = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"];

    /// <summary>The function.</summary>
    public ScoreFunction Function { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Function = (ScoreFunction)walker.Choice("post_transform", (int)Function, Names) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        var scores = context.Input(0);
        if (scores.Rank is not (null or 2)) throw context.Fail($"the scores must be a matrix, are {scores}");
        context.Output(0, scores.ElementType, scores.Shape);
    }
}

using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>How the losses of single elements are joined.</summary>
public enum LossReduction
{
    /// <summary>Not at all.</summary>
    None,
    /// <summary>Added.</summary>
    Sum,
    /// <summary>Added and divided by the sum of the weights.</summary>
    Mean,
}

/// <summary>
/// <c>−weight[t] · x[n, t, …]</c> for log-probabilities x <c>[N, C, d…]</c>, integer targets t <c>[N, d…]</c> and optional class
/// weights <c>[C]</c>, to <c>[N, d…]</c> or a scalar.
/// </summary>
public sealed record NegativeLogLikelihoodLoss : Operator
{
    internal static readonly ImmutableArray<string> ReductionNames = ["none", "sum", "mean"];

    /// <summary>A target that counts as nothing, or null.</summary>
    public long? IgnoreIndex { get; init; }

    /// <summary>How losses are joined.</summary>
    public LossReduction Reduction { get; init; } = LossReduction.Mean;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        IgnoreIndex = walker.OptionalInt("ignore_index", IgnoreIndex),
        Reduction = (LossReduction)walker.Choice("reduction", (int)Reduction, ReductionNames),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 3);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        context.Allow(1, "i32 or i64", static t => t is ElementType.Int32 or ElementType.Int64);
        var type = context.Input(0).ElementType;
        if (context.Has(2)) context.Allow(2, type.Name(), t => t == type);
        Shape? x = context.Input(0).Shape, target = context.Input(1).Shape;
        if (x is { Rank: < 2 }) throw context.Fail($"log-probabilities need rank 2 or more, are {x}");
        if (x is not null && target is not null)
        {
            if (target.Rank != x.Rank - 1) throw context.Fail($"targets must have rank {x.Rank - 1}, are {target}");
            for (int d = 0; d < target.Rank; d++) context.Same(target[d], x[d == 0 ? 0 : d + 1], "targets must have the shape of the log-probabilities without their class axis");
        }
        context.Output(0, type, Reduction != LossReduction.None ? Shape.Scalar : target ?? (x is null ? null : Shape.Create(x.Dims.RemoveAt(1).AsSpan())));
    }
}

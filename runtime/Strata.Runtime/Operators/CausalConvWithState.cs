using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Convolves each channel of x <c>[B, C, L]</c> with its own kernel <c>[C, 1, K]</c> so that an output sees its own and earlier
/// positions only, plus an optional bias <c>[C]</c>. What lies before x comes from an optional past state <c>[B, C, K − 1]</c>,
/// else it is zero. Outputs: <c>[B, C, L]</c> and the last K − 1 positions seen.
/// </summary>
public sealed record CausalConvWithState : Operator
{
    private static readonly ImmutableArray<string> ActivationNames = ["none", "silu", "swish"];

    /// <summary>True to apply <c>x · sigmoid(x)</c> to the result.</summary>
    public bool Silu { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Silu = walker.Choice("activation", Silu ? 1 : 0, ActivationNames) != 0 };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 4);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        var type = context.Input(0).ElementType;
        for (int i = 1; i < context.InputCount; i++)
        {
            if (context.Has(i)) context.Allow(i, type.Name(), t => t == type);
        }
        Shape x = context.Input(0).Shape ?? context.FreshShape(3), w = context.Input(1).Shape ?? context.FreshShape(3);
        if (x.Rank != 3 || w.Rank != 3) throw context.Fail($"input and kernels must have rank 3, are {x} and {w}");
        context.Same(x[1], w[0], "each channel needs a kernel");
        context.Same(w[1], 1, "kernels must have shape [C, 1, K]");
        context.Output(0, type, x);
        context.Output(1, type, [x[0], x[1], w[2] - 1]);
    }
}

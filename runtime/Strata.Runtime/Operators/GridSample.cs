using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>What is read outside the input.</summary>
public enum GridPadding
{
    /// <summary>Zeros.</summary>
    Zeros,
    /// <summary>The nearest element.</summary>
    Border,
    /// <summary>The input mirrored at its border.</summary>
    Reflection,
}

/// <summary>
/// Samples x <c>[N, C, spatial…]</c> at the points of a grid <c>[N, out…, r]</c>, whose last axis holds coordinates in [−1, 1],
/// the last spatial axis first; result <c>[N, C, out…]</c>.
/// </summary>
public sealed record GridSample : Operator
{
    private static readonly ImmutableArray<string> ModeNames = ["nearest", "linear", "cubic"];
    internal static readonly ImmutableArray<string> PaddingNames = ["zeros", "border", "reflection"];

    /// <summary>True when −1 and 1 are the centres of the outermost elements, false when their outer edges.</summary>
    public bool AlignCorners { get; init; }

    /// <summary>How elements are made.</summary>
    public Interpolation Mode { get; init; } = Interpolation.Linear;

    /// <summary>What is read outside.</summary>
    public GridPadding Padding { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        AlignCorners = walker.Flag("align_corners", AlignCorners),
        Mode = (Interpolation)walker.Choice("mode", (int)Mode, ModeNames),
        Padding = (GridPadding)walker.Choice("padding_mode", (int)Padding, PaddingNames),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(0, "numeric", static t => t.IsFloat() || t.IsInteger());
        context.Allow(1, "floating point", ElementTypes.IsFloat);
        TensorType x = context.Input(0), grid = context.Input(1);
        int? rank = x.Rank ?? grid.Rank;
        if (rank < 3) throw context.Fail($"input and grid need rank 3 or more, have {rank}");
        if (x.Rank is { } a && grid.Rank is { } b && a != b) throw context.Fail($"the input has rank {a}, the grid {b}");
        if (rank is null)
        {
            context.Output(0, x.ElementType, null);
            return;
        }
        var result = context.FreshShape(rank.Value);
        if (x.Shape is not null) result = result.With(0, x.Shape[0]).With(1, x.Shape[1]);
        if (grid.Shape is not null)
        {
            context.Same(grid.Shape[rank.Value - 1], rank.Value - 2, "the grid's last axis needs one coordinate per spatial axis");
            result = result.With(0, x.Shape is null ? grid.Shape[0] : context.Same(x.Shape[0], grid.Shape[0], "input and grid need one batch size"));
            for (int d = 2; d < rank; d++) result = result.With(d, grid.Shape[d - 1]);
        }
        context.Output(0, x.ElementType, result);
    }
}

using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Cuts regions out of x <c>[N, C, H, W]</c> and resamples them. Operands: x; regions <c>[R, 4]</c>: y1, x1, y2, x2 in [0, 1]; the sample
/// of each region (i32 <c>[R]</c>); height and width of the results (i32, two values). Result <c>[R, C, height, width]</c>.
/// </summary>
public sealed record CropAndResize : Operator
{
    private static readonly ImmutableArray<string> ModeNames = ["bilinear", "nearest"];

    /// <summary>True for the nearest element instead of linear interpolation.</summary>
    public bool Nearest { get; init; }

    /// <summary>The value outside x.</summary>
    public float ExtrapolationValue { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Nearest = walker.Choice("mode", Nearest ? 1 : 0, ModeNames) == 1,
        ExtrapolationValue = walker.Float("extrapolation_value", ExtrapolationValue),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(4, 4);
        for (int i = 2; i < 4; i++) context.Allow(i, "i32", static t => t == ElementType.Int32);
        var size = context.Contents(3);
        if (size is { Length: not 2 }) throw context.Fail($"the size needs height and width, has {size.Value.Length} values");
        RoiAlign.InferRegions(context, regionExtent: 4, size?[0] ?? context.Fresh(), size?[1] ?? context.Fresh());
    }
}

using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Largest elements of regions of x <c>[N, C, H, W]</c>; regions <c>[R, 5]</c>: sample, then x1, y1, x2, y2. Result <c>[R, C, h, w]</c>.</summary>
public sealed record MaxRoiPool : Operator
{
    /// <summary>Height and width of each result.</summary>
    public ImmutableArray<long> PooledShape { get; init; } = [];

    /// <summary>From region coordinates to x's.</summary>
    public float SpatialScale { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { PooledShape = walker.Ints("pooled_shape", PooledShape), SpatialScale = walker.Float("spatial_scale", SpatialScale) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        if (PooledShape.Length != 2 || PooledShape.Any(e => e is < 1 or > int.MaxValue)) throw context.Fail($"pooled_shape needs two positive values, is [{string.Join(", ", PooledShape)}]");
        RoiAlign.InferRegions(context, regionExtent: 5, PooledShape[0], PooledShape[1]);
    }
}

/// <summary>How region coordinates map to elements; names are ONNX's.</summary>
public enum RegionTransformation
{
    /// <summary>Element centres at halves: coordinates shift by −½.</summary>
    HalfPixel,
    /// <summary>No shift; regions are at least 1 × 1.</summary>
    OutputHalfPixel,
}

/// <summary>
/// Averages or maxima of interpolated points in regions of x <c>[N, C, H, W]</c>. Operands: x; regions <c>[R, 4]</c>: x1, y1, x2, y2;
/// the sample of each region (i64 <c>[R]</c>). Result <c>[R, C, height, width]</c>.
/// </summary>
public sealed record RoiAlign : Operator
{
    private static readonly ImmutableArray<string> TransformationNames = ["half_pixel", "output_half_pixel"];
    private static readonly ImmutableArray<string> ModeNames = ["avg", "max"];

    /// <summary>How region coordinates map to elements.</summary>
    public RegionTransformation Transformation { get; init; }

    /// <summary>True for the largest weighted neighbour instead of the mean.</summary>
    public bool Max { get; init; }

    /// <summary>Height of each result.</summary>
    public long OutputHeight { get; init; } = 1;

    /// <summary>Width of each result.</summary>
    public long OutputWidth { get; init; } = 1;

    /// <summary>Points per bin and axis; 0: as many as the bin has elements.</summary>
    public long SamplingRatio { get; init; }

    /// <summary>From region coordinates to x's.</summary>
    public float SpatialScale { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Transformation = (RegionTransformation)walker.Choice("coordinate_transformation_mode", (int)Transformation, TransformationNames),
        Max = walker.Choice("mode", Max ? 1 : 0, ModeNames) == 1,
        OutputHeight = walker.Int("output_height", OutputHeight),
        OutputWidth = walker.Int("output_width", OutputWidth),
        SamplingRatio = walker.Int("sampling_ratio", SamplingRatio),
        SpatialScale = walker.Float("spatial_scale", SpatialScale),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 3);
        if (OutputHeight is < 1 or > int.MaxValue || OutputWidth is < 1 or > int.MaxValue) throw context.Fail($"output_height and output_width must be positive, are {OutputHeight} and {OutputWidth}");
        if (SamplingRatio is < 0 or > short.MaxValue) throw context.Fail($"sampling_ratio is {SamplingRatio}; allowed are 0 to {short.MaxValue}");
        context.Allow(2, "i64", static t => t == ElementType.Int64);
        InferRegions(context, regionExtent: 4, OutputHeight, OutputWidth);
        if (context.Input(1).Shape is { } regions && context.Input(2).Shape is { } samples)
        {
            if (samples.Rank != 1) throw context.Fail($"batch indices need rank 1, have shape {samples}");
            context.Same(regions[0], samples[0], "each region needs one batch index");
        }
    }

    internal static void InferRegions(InferenceContext context, int regionExtent, Dim height, Dim width)
    {
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        TensorType x = context.Input(0), regions = context.Input(1);
        context.Allow(1, x.ElementType.Name(), t => t == x.ElementType);
        if (x.Rank is not (null or 4)) throw context.Fail($"the input needs shape [N, C, H, W], has {x.Shape}");
        if (regions.Rank is not (null or 2)) throw context.Fail($"regions need shape [R, {regionExtent}], have {regions.Shape}");
        if (regions.Shape is not null) context.Same(regions.Shape[1], regionExtent, $"a region needs {regionExtent} values");
        context.Output(0, x.ElementType, [regions.Shape?[0] ?? context.Fresh(), x.Shape?[1] ?? context.Fresh(), height, width]);
    }
}

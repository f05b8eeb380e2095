using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>How a resized axis finds its source coordinate; names are ONNX's.</summary>
public enum CoordinateTransformation
{
    /// <summary><c>(o + ½) / scale − ½</c>.</summary>
    HalfPixel,
    /// <summary>As half_pixel, centred on the exact, not the rounded output extent.</summary>
    HalfPixelSymmetric,
    /// <summary>As half_pixel; an output of one element reads at −½ before clamping.</summary>
    PytorchHalfPixel,
    /// <summary>First and last elements of input and output coincide.</summary>
    AlignCorners,
    /// <summary><c>o / scale</c>.</summary>
    Asymmetric,
    /// <summary>Inside a region of interest, in units of the input's extent.</summary>
    TfCropAndResize,
    /// <summary><c>(o + ½) / scale</c> (operator set 11 only).</summary>
    TfHalfPixelForNn,
}

/// <summary>How an element is made from its neighbours.</summary>
public enum Interpolation
{
    /// <summary>The nearest element.</summary>
    Nearest,
    /// <summary>Two neighbours per axis.</summary>
    Linear,
    /// <summary>Four neighbours per axis.</summary>
    Cubic,
}

/// <summary>How a coordinate is rounded to the nearest element.</summary>
public enum NearestMode
{
    /// <summary>To nearest, halves down.</summary>
    RoundPreferFloor,
    /// <summary>To nearest, halves up.</summary>
    RoundPreferCeil,
    /// <summary>Down.</summary>
    Floor,
    /// <summary>Up.</summary>
    Ceil,
}

/// <summary>How sizes become a scale.</summary>
public enum AspectRatioPolicy
{
    /// <summary>Each axis has its own scale.</summary>
    Stretch,
    /// <summary>One scale, such that no axis exceeds its size.</summary>
    NotLarger,
    /// <summary>One scale, such that no axis falls short of its size.</summary>
    NotSmaller,
}

/// <summary>
/// Resamples axes of x. Operands: x, the region of interest (starts, then ends), scales or sizes, one per axis of
/// <see cref="Axes"/>; exactly one of scales and sizes has elements.
/// </summary>
public sealed record Resize : Operator
{
    internal const int Roi = 1, Scales = 2, Sizes = 3;

    private static readonly ImmutableArray<string> TransformationNames =
        ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize", "tf_half_pixel_for_nn"];
    private static readonly ImmutableArray<string> ModeNames = ["nearest", "linear", "cubic"];
    private static readonly ImmutableArray<string> NearestModeNames = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];
    private static readonly ImmutableArray<string> PolicyNames = ["stretch", "not_larger", "not_smaller"];

    /// <summary>True to widen the filter when shrinking; linear and cubic only.</summary>
    public bool Antialias { get; init; }

    /// <summary>The axes that roi, scales and sizes speak of; empty: all, in order.</summary>
    public ImmutableArray<long> Axes { get; init; } = [];

    /// <summary>How source coordinates are found.</summary>
    public CoordinateTransformation Transformation { get; init; }

    /// <summary>The cubic filter's parameter.</summary>
    public float CubicCoefficient { get; init; } = -0.75f;

    /// <summary>True when neighbours outside the input have no weight, instead of the edge's value.</summary>
    public bool ExcludeOutside { get; init; }

    /// <summary>The value outside the input under tf_crop_and_resize.</summary>
    public float ExtrapolationValue { get; init; }

    /// <summary>How sizes become scales.</summary>
    public AspectRatioPolicy KeepAspectRatio { get; init; }

    /// <summary>How elements are made.</summary>
    public Interpolation Mode { get; init; }

    /// <summary>How coordinates round in nearest mode.</summary>
    public NearestMode NearestMode { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Antialias = walker.Flag("antialias", Antialias),
        Axes = walker.Ints("axes", Axes),
        Transformation = (CoordinateTransformation)walker.Choice("coordinate_transformation_mode", (int)Transformation, TransformationNames),
        CubicCoefficient = walker.Float("cubic_coeff_a", CubicCoefficient),
        ExcludeOutside = walker.Flag("exclude_outside", ExcludeOutside),
        ExtrapolationValue = walker.Float("extrapolation_value", ExtrapolationValue),
        KeepAspectRatio = (AspectRatioPolicy)walker.Choice("keep_aspect_ratio_policy", (int)KeepAspectRatio, PolicyNames),
        Mode = (Interpolation)walker.Choice("mode", (int)Mode, ModeNames),
        NearestMode = (NearestMode)walker.Choice("nearest_mode", (int)NearestMode, NearestModeNames),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 4);
        var x = context.Input(0);
        if (Mode != Interpolation.Nearest) context.Allow(0, "numeric for linear and cubic modes", static t => t.IsFloat() || t.IsInteger());
        else if (Antialias) throw context.Fail("antialias needs mode linear or cubic, mode is nearest");
        if (Transformation == CoordinateTransformation.TfCropAndResize && !context.Has(Roi)) throw context.Fail("tf_crop_and_resize needs the region of interest, input 1 is missing");
        if (context.Has(Roi)) context.Allow(Roi, "floating point", ElementTypes.IsFloat);
        if (context.Has(Scales)) context.Allow(Scales, "f32", static t => t == ElementType.Float32);
        if (context.Has(Sizes)) context.Allow(Sizes, "i64", static t => t == ElementType.Int64);
        if (!context.Has(Scales) && !context.Has(Sizes)) throw context.Fail("scales (input 2) or sizes (input 3) must be given");
        context.Output(0, x.ElementType, OutputShape(context, x.Shape));
    }

    private Shape? OutputShape(InferenceContext context, Shape? x)
    {
        if (x is null) return null;
        int[] axes = Axes.IsEmpty ? [.. Enumerable.Range(0, x.Rank)] : [.. Axes.Select(a => context.Axis(a, x.Rank))];
        if (axes.Distinct().Count() != axes.Length) throw context.Fail($"axes {string.Join(", ", Axes)} repeat one");
        float[]? scales = context.Constant(Scales) is { Type.ElementType: ElementType.Float32, Count: > 0 and <= Limits.Rank } constant ? constant.Materialize().Span<float>().ToArray() : null;
        var sizes = context.Contents(Sizes) is { Length: > 0 } contents ? contents : (ImmutableArray<Dim>?)null;
        if (scales is not null && sizes is not null) throw context.Fail("scales and sizes exclude each other");
        int given = scales?.Length ?? sizes?.Length ?? axes.Length;
        if (given != axes.Length) throw context.Fail($"{given} scales or sizes are given for {axes.Length} axes");
        for (int i = 0; i < axes.Length; i++)
        {
            if (scales is not null && !(scales[i] > 0 && float.IsFinite(scales[i]))) throw context.Fail($"scales must be positive and finite, one is {scales[i]}");
            Dim dim = scales is not null ? Scaled(context, x[axes[i]], scales[i])
                : sizes is not null && KeepAspectRatio == AspectRatioPolicy.Stretch ? sizes.Value[i] : context.Fresh();
            if (dim.Constant < 0) throw context.Fail($"size {dim} of axis {axes[i]} is negative");
            x = x.With(axes[i], dim);
        }
        return x;
    }

    private static Dim Scaled(InferenceContext context, Dim input, float scale)
    {
        if (input.Constant is { } extent && extent * (double)scale < int.MaxValue) return ScaledExtent(extent, scale);
        if (scale == 1) return input;
        // Exact for every extent: whole factors, and their inverses where those are exact.
        if (scale == MathF.Floor(scale) && scale < 1 << 24) return input * (long)scale;
        float inverse = 1 / scale;
        return inverse == MathF.Floor(inverse) && float.IsPow2(inverse) && inverse < 1 << 24 ? Dim.FloorDiv(input, (long)inverse) : context.Fresh();
    }

    /// <summary>⌊extent · scale⌋ with a product rounded to binary32, as ONNX's shape inference has it.</summary>
    internal static long ScaledExtent(long extent, float scale) => (long)MathF.Floor(extent * scale);
}

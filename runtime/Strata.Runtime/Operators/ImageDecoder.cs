using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Order of the channels of a decoded image; names are ONNX's.</summary>
public enum PixelFormat
{
    /// <summary>Red, green, blue.</summary>
    Rgb,
    /// <summary>Blue, green, red.</summary>
    Bgr,
    /// <summary>One channel of luma.</summary>
    Grayscale,
}

/// <summary>
/// Decodes an image file (u8 vector) to u8 <c>[height, width, channels]</c>: PNG, BMP, PNM and baseline JPEG. A damaged file gives
/// an empty image, as ONNX asks; other formats are refused.
/// </summary>
public sealed record ImageDecoder : Operator
{
    private static readonly ImmutableArray<string> FormatNames = ["RGB", "BGR", "Grayscale"];

    /// <summary>Order of the channels.</summary>
    public PixelFormat Format { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Format = (PixelFormat)walker.Choice("pixel_format", (int)Format, FormatNames) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "u8", static t => t == ElementType.UInt8);
        if (context.Input(0).Rank is not (null or 1)) throw context.Fail($"the file must be a vector of bytes, has shape {context.Input(0).Shape}");
        context.Output(0, ElementType.UInt8, [context.Fresh(), context.Fresh(), Format == PixelFormat.Grayscale ? 1 : 3]);
    }
}

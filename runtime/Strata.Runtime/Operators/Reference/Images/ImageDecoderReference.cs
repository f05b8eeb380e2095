using Strata.Tensors;

namespace Strata.Operators.Reference.Images;

/// <summary>Evaluates <see cref="ImageDecoder"/>: finds the format by its first bytes and reorders the channels.</summary>
internal static class ImageDecoderReference
{
    private delegate RasterImage Decoder(ReadOnlySpan<byte> file);

    private static readonly (byte[] Magic, Decoder? Decode, string Name)[] Formats =
    [
        ([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A], PngDecoder.Decode, "PNG"),
        ([0xFF, 0xD8, 0xFF], JpegDecoder.Decode, "JPEG"),
        ([(byte)'B', (byte)'M'], BmpDecoder.Decode, "BMP"),
        .. "123456".Select(static digit => (new[] { (byte)'P', (byte)digit }, (Decoder?)PnmDecoder.Decode, "PNM")),
        ([(byte)'R', (byte)'I', (byte)'F', (byte)'F'], null, "WebP"),
        ([(byte)'I', (byte)'I', 42, 0], null, "TIFF"),
        ([(byte)'M', (byte)'M', 0, 42], null, "TIFF"),
        ([0, 0, 0, 12, (byte)'j', (byte)'P'], null, "JPEG 2000"),
        ([0xFF, 0x4F, 0xFF, 0x51], null, "JPEG 2000"),
    ];

    public static Tensor Evaluate(ImageDecoder op, ReferenceContext context)
    {
        var file = context[0].Span<byte>();
        int channels = op.Format == PixelFormat.Grayscale ? 1 : 3;
        foreach (var (magic, decode, name) in Formats)
        {
            if (!file.StartsWith(magic)) continue;
            if (decode is null) throw ReferenceContext.Fail($"the image is {name}; PNG, BMP, PNM and baseline JPEG are supported");
            try
            {
                var image = decode(file);
                return Tensor.From<byte>([image.Height, image.Width, channels], Order(image.Rgb, op.Format));
            }
            catch (DamagedImageException)
            {
                return Tensor.Zeros(ElementType.UInt8, 0, 0, channels);
            }
        }
        throw ReferenceContext.Fail("the bytes are no known image format; PNG, BMP, PNM and baseline JPEG are supported");
    }

    private static byte[] Order(byte[] rgb, PixelFormat format)
    {
        if (format == PixelFormat.Rgb) return rgb;
        if (format == PixelFormat.Bgr)
        {
            for (int i = 0; i < rgb.Length; i += 3) (rgb[i], rgb[i + 2]) = (rgb[i + 2], rgb[i]);
            return rgb;
        }
        // ITU-R BT.601 luma in 16-bit fixed point.
        var luma = new byte[rgb.Length / 3];
        for (int i = 0; i < luma.Length; i++) luma[i] = (byte)((19595 * rgb[3 * i] + 38470 * rgb[3 * i + 1] + 7471 * rgb[3 * i + 2] + 32768) >> 16);
        return luma;
    }
}

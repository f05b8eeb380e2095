using System.Numerics;

namespace Strata.Operators.Reference.Images;

/// <summary>Decodes Windows bitmaps of 1, 4, 8, 16, 24 and 32 bits per pixel without compression.</summary>
internal static class BmpDecoder
{
    private const uint Uncompressed = 0, Masks = 3, MasksWithAlpha = 6;

    public static RasterImage Decode(ReadOnlySpan<byte> file)
    {
        var bytes = new ImageBytes(file);
        bytes.Take(10);
        uint pixels = bytes.U32Little(), header = bytes.U32Little();
        bool old = header == 12;
        if (!old && header < 40) throw new DamagedImageException($"a header of {header} bytes");
        int width = old ? bytes.U16Little() : (int)bytes.U32Little(), height = old ? bytes.U16Little() : (int)bytes.U32Little();
        bytes.Take(2);
        int bits = bytes.U16Little();
        uint compression = old ? Uncompressed : bytes.U32Little();
        if (compression is not (Uncompressed or Masks or MasksWithAlpha)) throw ReferenceContext.Fail($"the BMP image is compressed (method {compression}); uncompressed ones are supported");
        uint[] masks = bits == 16 ? [0x7C00, 0x3E0, 0x1F] : [0xFF0000, 0xFF00, 0xFF];
        uint colors = 0;
        if (!old)
        {
            bytes.Take(12);
            colors = bytes.U32Little();
            bytes.Take(4);
            // The masks follow the oldest header and are the first fields of the newer ones.
            if (compression != Uncompressed) masks = [bytes.U32Little(), bytes.U32Little(), bytes.U32Little()];
        }
        bytes.Position = checked((int)Math.Min(14 + header + (compression != Uncompressed && header == 40 ? 12 : 0), int.MaxValue));
        if (bits is not (1 or 4 or 8 or 16 or 24 or 32)) throw new DamagedImageException($"{bits} bits per pixel");
        if (width < 1 || height == int.MinValue) throw new DamagedImageException($"an image of {width} × {height}");

        var image = RasterImage.Create(width, Math.Abs(height), file.Length);
        int paletteSize = bits > 8 ? 0 : colors is > 0 and <= 256 ? (int)colors : 1 << bits;
        var palette = bytes.Take(paletteSize * (old ? 3 : 4));
        bytes.Position = checked((int)Math.Min(pixels, int.MaxValue));
        int stride = (int)(((long)image.Width * bits + 31) / 32 * 4);
        for (int row = 0; row < image.Height; row++)
        {
            // A positive height counts rows from the bottom.
            int y = height > 0 ? image.Height - 1 - row : row;
            var line = bytes.Take(stride);
            for (int x = 0; x < image.Width; x++)
            {
                if (bits <= 8)
                {
                    int index = (line[x * bits / 8] >> (8 - bits - x * bits % 8)) & ((1 << bits) - 1);
                    if (index >= paletteSize) throw new DamagedImageException($"color {index} of {paletteSize}");
                    var entry = palette.Slice(index * (old ? 3 : 4), 3);
                    image.Set(x, y, entry[2], entry[1], entry[0]);
                }
                else
                {
                    uint value = 0;
                    for (int b = bits / 8 - 1; b >= 0; b--) value = value << 8 | line[x * (bits / 8) + b];
                    image.Set(x, y, Channel(value, masks[0]), Channel(value, masks[1]), Channel(value, masks[2]));
                }
            }
        }
        return image;
    }

    private static int Channel(uint value, uint mask)
    {
        if (mask == 0) return 0;
        int shift = BitOperations.TrailingZeroCount(mask);
        uint most = mask >> shift;
        return (int)((ulong)((value & mask) >> shift) * 255 / most);
    }
}

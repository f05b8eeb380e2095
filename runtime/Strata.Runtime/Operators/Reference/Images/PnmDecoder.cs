namespace Strata.Operators.Reference.Images;

/// <summary>Decodes portable bitmaps, graymaps and pixmaps, plain (P1–P3) and raw (P4–P6).</summary>
internal static class PnmDecoder
{
    public static RasterImage Decode(ReadOnlySpan<byte> file)
    {
        var bytes = new ImageBytes(file);
        bytes.Take(1);
        int kind = bytes.U8() - '0';
        bool raw = kind > 3, bitmap = kind is 1 or 4, color = kind is 3 or 6;
        var image = RasterImage.Create(Number(ref bytes), Number(ref bytes), file.Length);
        int most = bitmap ? 1 : Number(ref bytes);
        if (most is < 1 or > ushort.MaxValue) throw new DamagedImageException($"a largest sample of {most}");

        for (int y = 0; y < image.Height; y++)
        {
            int bits = 0;
            for (int x = 0; x < image.Width; x++)
            {
                if (bitmap && raw)
                {
                    if (x % 8 == 0) bits = bytes.U8();
                    int black = (bits >> (7 - x % 8)) & 1;
                    image.Set(x, y, 255 - 255 * black, 255 - 255 * black, 255 - 255 * black);
                    continue;
                }
                int red = Sample(ref bytes), green = color ? Sample(ref bytes) : red, blue = color ? Sample(ref bytes) : red;
                image.Set(x, y, red, green, blue);
            }
        }
        return image;

        int Sample(ref ImageBytes source)
        {
            if (bitmap) return 255 - 255 * Bit(ref source);
            int value = !raw ? Number(ref source) : most > 255 ? source.U16Big() : source.U8();
            return most == 255 ? Math.Min(value, 255) : (Math.Min(value, most) * 255 * 2 + most) / (2 * most);
        }
    }

    // The digits of a plain bitmap need no space between them.
    private static int Bit(ref ImageBytes bytes)
    {
        int c = SkipSpace(ref bytes);
        return c is '0' or '1' ? c - '0' : throw new DamagedImageException($"a bit reads {c}");
    }

    // A decimal number and the one white space after it.
    private static int Number(ref ImageBytes bytes)
    {
        int c = SkipSpace(ref bytes), value = 0;
        if (c is < '0' or > '9') throw new DamagedImageException($"a number starts with {c}");
        while (c is >= '0' and <= '9')
        {
            value = Math.Min(value * 10 + c - '0', 1 << 20);
            c = bytes.AtEnd ? ' ' : bytes.U8();
        }
        return value;
    }

    private static int SkipSpace(ref ImageBytes bytes)
    {
        int c = bytes.U8();
        while (c is '#' or ' ' or '\t' or '\n' or '\r' or '\v' or '\f')
        {
            while (c == '#' && bytes.U8() is not ((byte)'\n' or (byte)'\r')) { }
            c = bytes.U8();
        }
        return c;
    }
}

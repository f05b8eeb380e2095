using System.IO.Compression;

namespace Strata.Operators.Reference.Images;

/// <summary>Decodes PNG (ISO/IEC 15948): every color type and depth, interlaced or not; 16-bit samples keep their upper byte, alpha is dropped.</summary>
internal static class PngDecoder
{
    private readonly record struct Header(int Width, int Height, int Depth, int ColorType)
    {
        public int Channels => ColorType switch { 0 or 3 => 1, 2 => 3, 4 => 2, _ => 4 };

        public int RowBytes(int width) => (int)(((long)width * Channels * Depth + 7) / 8);

        public int PixelBytes => Math.Max(1, Channels * Depth / 8);
    }

    // First column and row of each interlacing pass, and its steps.
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    public static RasterImage Decode(ReadOnlySpan<byte> file)
    {
        var bytes = new ImageBytes(file);
        bytes.Take(8);
        Header? header = null;
        bool interlaced = false;
        byte[] palette = [];
        using var compressed = new MemoryStream();
        while (true)
        {
            uint length = bytes.U32Big();
            uint kind = bytes.U32Big();
            var data = new ImageBytes(bytes.Take(length));
            bytes.Take(4);
            if (kind == 0x49454E44) break; // IEND
            switch (kind)
            {
                case 0x49484452: // IHDR
                    header = new((int)Math.Min(data.U32Big(), int.MaxValue), (int)Math.Min(data.U32Big(), int.MaxValue), data.U8(), data.U8());
                    data.Take(2);
                    interlaced = data.U8() != 0;
                    break;
                case 0x504C5445: // PLTE
                    palette = data.Take(length).ToArray();
                    break;
                case 0x49444154: // IDAT
                    compressed.Write(data.Take(length));
                    break;
            }
        }
        if (header is not { } known || !IsValid(known)) throw new DamagedImageException("the header is missing or impossible");
        compressed.Position = 0;
        try
        {
            using var pixels = new ZLibStream(compressed, CompressionMode.Decompress);
            return Read(known, interlaced ? Adam7 : [(0, 0, 1, 1)], palette, pixels, file.Length);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new DamagedImageException(error.Message);
        }
    }

    private static bool IsValid(Header header) => header.ColorType switch
    {
        0 => header.Depth is 1 or 2 or 4 or 8 or 16,
        3 => header.Depth is 1 or 2 or 4 or 8,
        2 or 4 or 6 => header.Depth is 8 or 16,
        _ => false,
    };

    private static RasterImage Read(Header header, (int X, int Y, int StepX, int StepY)[] passes, byte[] palette, Stream pixels, int fileBytes)
    {
        var image = RasterImage.Create(header.Width, header.Height, fileBytes);
        foreach (var pass in passes)
        {
            int columns = (header.Width - pass.X + pass.StepX - 1) / pass.StepX;
            if (columns <= 0) continue;
            byte[] row = new byte[header.RowBytes(columns)], above = new byte[row.Length];
            for (int y = pass.Y; y < header.Height; y += pass.StepY)
            {
                int filter = pixels.ReadByte();
                pixels.ReadExactly(row);
                Unfilter(filter, row, above, header.PixelBytes);
                for (int i = 0; i < columns; i++) Put(image, pass.X + i * pass.StepX, y, header, palette, row, i);
                (row, above) = (above, row);
            }
        }
        return image;
    }

    private static void Put(RasterImage image, int x, int y, Header header, byte[] palette, byte[] row, int index)
    {
        if (header.ColorType == 3)
        {
            int entry = Sample(index) * 3;
            if (entry + 2 >= palette.Length) throw new DamagedImageException($"color {entry / 3} of {palette.Length / 3}");
            image.Set(x, y, palette[entry], palette[entry + 1], palette[entry + 2]);
            return;
        }
        int first = index * header.Channels;
        int red = Scaled(first), green = header.Channels < 3 ? red : Scaled(first + 1), blue = header.Channels < 3 ? red : Scaled(first + 2);
        image.Set(x, y, red, green, blue);

        int Scaled(int sample) => header.Depth < 8 ? Sample(sample) * 255 / ((1 << header.Depth) - 1) : Sample(sample);

        int Sample(int sample) => header.Depth switch
        {
            8 => row[sample],
            16 => row[2 * sample],
            var depth => (row[sample * depth / 8] >> (8 - depth - sample * depth % 8)) & ((1 << depth) - 1),
        };
    }

    private static void Unfilter(int filter, byte[] row, byte[] above, int pixelBytes)
    {
        if (filter is < 0 or > 4) throw new DamagedImageException($"filter {filter}");
        for (int i = 0; i < row.Length; i++)
        {
            int left = i < pixelBytes ? 0 : row[i - pixelBytes], corner = i < pixelBytes ? 0 : above[i - pixelBytes];
            row[i] += (byte)(filter switch { 0 => 0, 1 => left, 2 => above[i], 3 => (left + above[i]) / 2, _ => Paeth(left, above[i], corner) });
        }
    }

    // The neighbour nearest to left + above − corner; ties in that order.
    private static int Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        int toLeft = Math.Abs(estimate - left), toAbove = Math.Abs(estimate - above), toCorner = Math.Abs(estimate - corner);
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }
}

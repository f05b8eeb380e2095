using Strata.Tensors;

namespace Strata.Operators.Reference.Images;

/// <summary>A decoded image: three bytes per pixel, red first, rows from the top.</summary>
internal sealed record RasterImage(int Width, int Height, byte[] Rgb)
{
    // No format packs more pixels into a byte: deflate reaches 1032 to 1, at eight pixels per byte.
    private const long MostPixelsPerByte = 16384;

    /// <summary>A black image; refuses sizes that a file of that many bytes cannot hold, before anything is allocated.</summary>
    public static RasterImage Create(long width, long height, int fileBytes)
    {
        if (width is < 1 or > ushort.MaxValue || height is < 1 or > ushort.MaxValue || width * height > fileBytes * MostPixelsPerByte)
            throw new DamagedImageException($"an image of {width} × {height} in {fileBytes} bytes");
        return new((int)width, (int)height, new byte[Tensor.CountOf([(int)height, (int)width, 3])]);
    }

    /// <summary>Sets a pixel.</summary>
    public void Set(int x, int y, int red, int green, int blue)
    {
        int at = (y * Width + x) * 3;
        (Rgb[at], Rgb[at + 1], Rgb[at + 2]) = ((byte)red, (byte)green, (byte)blue);
    }
}

/// <summary>An image file that breaks the rules of its format.</summary>
internal sealed class DamagedImageException(string message) : Exception(message);

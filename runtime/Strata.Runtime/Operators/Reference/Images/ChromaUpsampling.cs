namespace Strata.Operators.Reference.Images;

/// <summary>
/// Brings a JPEG component to the image's size. Factors of two interpolate: an output lies ¼ and ¾ between two samples, and
/// halves are rounded down and up in turn. Other factors repeat samples.
/// </summary>
internal static class ChromaUpsampling
{
    /// <summary>The samples of a component for every pixel, row-major.</summary>
    public static byte[] Expand(JpegComponent component, int width, int height, int most, int mostDown)
    {
        if (most % component.Across != 0 || mostDown % component.Down != 0) throw ReferenceContext.Fail("the JPEG image has fractional sampling factors; whole ones are supported");
        int across = most / component.Across, down = mostDown / component.Down;
        bool smoothAcross = across == 2 && component.Width > 2, smoothDown = down == 2 && (smoothAcross || across == 1);
        if (across == 2 && !smoothAcross || across > 2) smoothDown = false;
        if (down > 2) smoothAcross = false;
        var result = new byte[width * height];
        var sums = new int[component.Width];
        for (int y = 0; y < height; y++)
        {
            int row = y / down, stride = component.Columns * 8;
            var line = component.Samples.AsSpan(row * stride, component.Width);
            int neighbour = Math.Clamp(y % 2 == 0 ? row - 1 : row + 1, 0, component.Height - 1);
            var other = component.Samples.AsSpan(neighbour * stride, component.Width);
            for (int i = 0; i < sums.Length; i++) sums[i] = smoothDown ? 3 * line[i] + other[i] : line[i];
            for (int x = 0; x < width; x++) result[y * width + x] = (byte)Sample(sums, x, across, smoothAcross, smoothDown, y % 2);
        }
        return result;
    }

    private static int Sample(int[] sums, int x, int across, bool smoothAcross, bool smoothDown, int oddRow)
    {
        int at = x / across, center = sums[at];
        if (!smoothAcross) return smoothDown ? (center + 1 + oddRow) >> 2 : center;
        int neighbour = x % 2 == 0 ? at - 1 : at + 1;
        int sum = neighbour < 0 || neighbour >= sums.Length ? 4 * center : 3 * center + sums[neighbour];
        if (smoothDown) return (sum + (x % 2 == 0 ? 8 : 7)) >> 4;
        return (sum + (x % 2 == 0 ? 1 : 2)) >> 2;
    }
}

namespace Strata.Kernels.Conv;

/// <summary>
/// The tile of outputs that a direct convolution computes at a time, and the part of the input that it reads in the order
/// <c>[channels, depth taps, row phases, column phases, rows, pitch]</c>. A phase holds the positions that are equal modulo the
/// stride: in it, outputs next to one another read elements next to one another through each tap, whatever the stride is, and
/// a tile is computed as one run of <c>(Rows − 1) · Pitch + Columns</c> sums, those between its rows being thrown away.
/// </summary>
internal sealed class DirectTile
{
    // f32 of a tile's input that stay in the first cache for a channel, the channels for which they may be more, columns of a tile.
    private const int NearFloats = 6 * 1024, MostChannels = 8, MostColumns = 2048;
    // No tile is worth more memory.
    private const long MostFloats = 1 << 22;

    private DirectTile(ConvShape shape)
    {
        (RowPhases, ColumnPhases) = (Phases(shape, 1), Phases(shape, 2));
        int rowReach = Reach(shape, 1), columnReach = Reach(shape, 2);
        (ColumnBands, Columns) = Bands(shape.Output[2], Math.Max(MostColumns, columnReach));
        Pitch = (long)Columns + columnReach;
        Planes = (long)shape.Channels * shape.Kernel[0] * RowPhases.Length * ColumnPhases.Length;
        long near = (long)NearFloats * Math.Clamp(shape.Channels, 1, MostChannels) / Math.Max(1, Planes * Pitch) - rowReach;
        (RowBands, Rows) = Bands(shape.Output[1], Math.Max(near, rowReach + 1L));
        InputRows = (long)Rows + rowReach;
        RowReach = rowReach;
        Floats = Planes * InputRows * Pitch;
    }

    public int[] RowPhases { get; }
    public int[] ColumnPhases { get; }
    public int Rows { get; }
    public int Columns { get; }
    public int RowBands { get; }
    public int ColumnBands { get; }
    public int RowReach { get; }
    public long Pitch { get; }
    public long InputRows { get; }
    public long Planes { get; }

    /// <summary>f32 of the input of a tile.</summary>
    public long Floats { get; }

    /// <summary>Sums of a tile.</summary>
    public long Sums => Math.Max(0, (Rows - 1L) * Pitch + Columns);

    /// <summary>The tile of a convolution; null when its input would be too large.</summary>
    public static DirectTile? Of(ConvShape shape)
    {
        if ((long)Reach(shape, 1) + Reach(shape, 2) + shape.K > MostFloats) return null;
        var tile = new DirectTile(shape);
        return tile.Floats <= MostFloats && tile.Sums <= MostFloats ? tile : null;
    }

    /// <summary>For each element of a filter the place in the tile's input of what the first output reads through it.</summary>
    public unsafe PinnedBuffer Offsets(ConvShape shape)
    {
        var offsets = new PinnedBuffer(sizeof(int) * shape.K);
        int* next = (int*)offsets.Address;
        for (int c = 0, plane = 0; c < shape.Channels; c++)
        {
            for (int z = 0; z < shape.Kernel[0]; z++, plane++)
            {
                for (int y = 0; y < shape.Kernel[1]; y++)
                {
                    for (int x = 0; x < shape.Kernel[2]; x++)
                    {
                        long row = (long)y * shape.Dilation[1], column = (long)x * shape.Dilation[2];
                        int rowPhase = Array.IndexOf(RowPhases, (int)(row % shape.Stride[1])), columnPhase = Array.IndexOf(ColumnPhases, (int)(column % shape.Stride[2]));
                        long phase = ((long)plane * RowPhases.Length + rowPhase) * ColumnPhases.Length + columnPhase;
                        *next++ = (int)((phase * InputRows + row / shape.Stride[1]) * Pitch + column / shape.Stride[2]);
                    }
                }
            }
        }
        return offsets;
    }

    private static int[] Phases(ConvShape shape, int axis) =>
        [.. Enumerable.Range(0, shape.Kernel[axis]).Select(k => (int)((long)k * shape.Dilation[axis] % shape.Stride[axis])).Distinct().Order()];

    private static int Reach(ConvShape shape, int axis) => (int)Math.Min(int.MaxValue, Math.Max(0, shape.Kernel[axis] - 1L) * shape.Dilation[axis] / shape.Stride[axis]);

    private static (int Count, int Extent) Bands(int extent, long most)
    {
        if (extent == 0) return (0, 0);
        long bands = (extent + most - 1) / most, each = (extent + bands - 1) / bands;
        return ((int)((extent + each - 1) / each), (int)each);
    }
}

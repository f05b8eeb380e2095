using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Integer;

/// <summary>The loops around the tiles of an integer product: groups of columns, of which all rows are summed up before they become results.</summary>
internal readonly unsafe struct PairLoop<V>(int rows, long k, RowTiling tiling) where V : struct, ISimd<V>
{
    // Pairs of a panel that stay in the first cache, sums that stay in the second, columns of a group.
    private const int MostPairs = 256, HotSums = 32 * 1024, MostPanels = 16;

    private static int Width => 2 * V.Count;

    private long Pairs => PairPacking.Pairs(k);

    // Columns that are summed up together.
    private int Group => Math.Clamp(HotSums / Math.Max(1, tiling.PaddedRows) / Width, 1, MostPanels) * Width;

    /// <summary>Elements of scratch memory that <see cref="Run"/> needs.</summary>
    public long Scratch => 2L * Math.Min(Pairs, MostPairs) * Width + 2 * Width + (long)tiling.PaddedRows * Group;

    /// <summary>Computes the columns from <paramref name="column"/>, a multiple of a panel's width, to <paramref name="end"/>.</summary>
    /// <param name="a">The packed rows.</param>
    /// <param name="b">The columns.</param>
    /// <param name="column">The first column.</param>
    /// <param name="end">The column after the last one.</param>
    /// <param name="results">What becomes of the sums.</param>
    /// <param name="place">Where the first row begins.</param>
    /// <param name="stride">Results from row to row.</param>
    /// <param name="scratch">Memory.</param>
    /// <param name="buffers">The tensors.</param>
    public void Run<TPanels>(float* a, TPanels b, long column, long end, IntegerResults<V> results, ResultPlace place, long stride, float* scratch, in KernelBuffers buffers) where TPanels : struct, IPairPanels
    {
        int group = Group;
        float* sums = scratch, room = scratch + (long)tiling.PaddedRows * group;
        for (; column < end; column += group)
        {
            long last = Math.Min(end, column + group);
            for (long at = 0; at == 0 || at < Pairs; at += MostPairs)
            {
                long pairs = Math.Min(MostPairs, Pairs - at);
                for (long j = column; j < last; j += Width)
                {
                    float* panel = b.Panel<V>(at, pairs, j, room);
                    for (int tile = 0, row = 0; tile < tiling.Tiles; row += tiling.RowsOf(tile++))
                        PairTile.Run<V>(tiling.RowsOf(tile), a + row * Pairs + at * tiling.RowsOf(tile), panel, pairs, sums + (long)row * group + (j - column), group, at > 0);
                }
            }
            for (int row = 0; row < rows; row++) results.Store((int*)sums + (long)row * group, place.Move(row, column, stride), (int)(last - column), buffers);
        }
    }
}

/// <summary>Where a run of results lies: its row and first column among the parameters, and its position in the output.</summary>
internal readonly record struct ResultPlace(long Row, long Column, long Offset)
{
    /// <summary>The place some rows and columns on.</summary>
    public ResultPlace Move(long rows, long columns, long stride) => new(Row + rows, Column + columns, Offset + rows * stride + columns);
}

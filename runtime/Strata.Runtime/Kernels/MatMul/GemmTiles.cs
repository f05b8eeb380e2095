using Strata.Kernels.Simd;

namespace Strata.Kernels.MatMul;

/// <summary>The tiles of a vector width, by number of rows and vectors.</summary>
internal static unsafe class GemmTiles<V> where V : struct, ISimd<V>
{
    /// <summary>Columns of a full tile.</summary>
    public static int Width => 2 * V.Count;

    /// <summary>Rows of the tiles there are, ascending: as many as the registers hold.</summary>
    public static ReadOnlySpan<int> RowCounts => V.Count == 16 ? [1, 2, 4, 6, 8, 10, 12, GemmTile.MaxRows] : [1, 2, 4, 6];

    // Indexed by rows and vectors.
    private static readonly delegate*<float*, float*, long, float*, long, float*, long, float, float, void>[] Tiles = Make<N0>(), FarTiles = Make<N16>();

    /// <summary>The tile of a number of rows from <see cref="RowCounts"/> and 1 or 2 vectors, for columns in a near cache or for columns that come <paramref name="fromFar"/>.</summary>
    public static delegate*<float*, float*, long, float*, long, float*, long, float, float, void> Tile(int rows, int vectors, bool fromFar) => (fromFar ? FarTiles : Tiles)[2 * rows + vectors];

    private static delegate*<float*, float*, long, float*, long, float*, long, float, float, void>[] Make<TAhead>() where TAhead : INumber
    {
        var tiles = new delegate*<float*, float*, long, float*, long, float*, long, float, float, void>[2 * GemmTile.MaxRows + 3];
        tiles[3] = &GemmThinTile.One<V, N1>;
        tiles[4] = &GemmThinTile.One<V, N2>;
        tiles[5] = &GemmThinTile.Two<V, N1>;
        tiles[6] = &GemmThinTile.Two<V, N2>;
        Add<N4, TAhead>(tiles);
        Add<N6, TAhead>(tiles);
        if (V.Count < 16) return tiles;
        Add<N8, TAhead>(tiles);
        Add<N10, TAhead>(tiles);
        Add<N12, TAhead>(tiles);
        Add<N14, TAhead>(tiles);
        return tiles;
    }

    private static void Add<TRows, TAhead>(delegate*<float*, float*, long, float*, long, float*, long, float, float, void>[] tiles) where TRows : INumber where TAhead : INumber
    {
        tiles[2 * TRows.Value + 1] = &GemmTile.Run<V, TRows, N1, TAhead>;
        tiles[2 * TRows.Value + 2] = &GemmTile.Run<V, TRows, N2, TAhead>;
    }

    private readonly struct N0 : INumber { public static int Value => 0; }
    private readonly struct N1 : INumber { public static int Value => 1; }
    private readonly struct N2 : INumber { public static int Value => 2; }
    private readonly struct N4 : INumber { public static int Value => 4; }
    private readonly struct N6 : INumber { public static int Value => 6; }
    private readonly struct N8 : INumber { public static int Value => 8; }
    private readonly struct N10 : INumber { public static int Value => 10; }
    private readonly struct N12 : INumber { public static int Value => 12; }
    private readonly struct N14 : INumber { public static int Value => 14; }
    private readonly struct N16 : INumber { public static int Value => 16; }
}

/// <summary>How a number of rows is cut: <paramref name="Count"/> tiles of <paramref name="Main"/> rows, then one of <paramref name="Tail"/> (0: none) that may have more rows than are left.</summary>
internal readonly record struct RowTiling(int Main, int Count, int Tail)
{
    // What a tile costs besides its rows, in rows: entry, exit, and too few sums to fill the adders.
    private const double TileCost = 0.75;

    /// <summary>Number of tiles.</summary>
    public int Tiles => Count + (Tail > 0 ? 1 : 0);

    /// <summary>Rows of all tiles, those beyond the end included.</summary>
    public int PaddedRows => Count * Main + Tail;

    /// <summary>Rows that a tile has room for.</summary>
    public int RowsOf(int tile) => tile < Count ? Main : Tail;

    /// <summary>The tiles of <paramref name="count"/> rows from a first row of a tile on; all rows to the end when <paramref name="toEnd"/>.</summary>
    public RowTiling Slice(int row, int count, bool toEnd) => Main == 0 ? this : toEnd ? new(Main, Count - row / Main, Tail) : new(Main, count / Main, 0);

    /// <summary>The cheapest cut of a number of rows.</summary>
    public static RowTiling For(int rows, ReadOnlySpan<int> rowCounts)
    {
        var best = default(RowTiling);
        double least = double.PositiveInfinity;
        for (int i = rowCounts.Length - 1; i >= 0; i--)
        {
            int main = rowCounts[i], left = rows % main, tail = 0;
            for (int j = 0; j <= i && tail < left; j++) tail = rowCounts[j];
            var tiling = new RowTiling(main, rows / main, tail);
            double cost = tiling.PaddedRows + TileCost * tiling.Tiles;
            if (cost < least) (best, least) = (tiling, cost);
        }
        return best;
    }
}

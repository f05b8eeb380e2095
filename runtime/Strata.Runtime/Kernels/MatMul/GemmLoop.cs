using Strata.Kernels.Simd;

namespace Strata.Kernels.MatMul;

/// <summary>
/// The loops around the tiles: <c>c = epilogue(clamp(start + a · b))</c>, blocked along rows (the second cache) and k (the
/// first). The sum of an element depends on k and its row alone, never on how rows and columns are dealt out.
/// </summary>
internal readonly unsafe struct GemmLoop
{
    // f32 of packed rows that stay in the second cache, elements along k of a panel that stays in the first, results that go through the epilogue while hot.
    private const int RowBlock = 128 * 1024, MostDepth = 320, HotResults = 32 * 1024;
    // Without reuse of the panel only the row itself must stay near.
    private const int MostThinDepth = 4096;
    // So few tiles do not hide how long it takes to fetch their panel.
    private const int FewTiles = 3;

    private readonly RowTiling tiling;
    private readonly int rows, tilesPerBlock;
    private readonly long depth, k;
    private readonly float least, most;
    private readonly Epilogue epilogue;

    /// <summary>Loops for <paramref name="rows"/> × <paramref name="k"/> times <paramref name="k"/> × any number of columns.</summary>
    public GemmLoop(int rows, long k, RowTiling tiling, float least, float most, Epilogue epilogue)
    {
        (this.rows, this.k, this.tiling, this.least, this.most, this.epilogue) = (rows, k, tiling, least, most, epilogue);
        long deepest = tiling.Tiles == 1 ? MostThinDepth : MostDepth;
        long blocks = Math.Max(1, (k + deepest - 1) / deepest);
        depth = Math.Max(GemmTile.Chunk, GemmPacking.PaddedDepth((k + blocks - 1) / blocks));
        tilesPerBlock = (int)Math.Clamp(RowBlock / (depth * Math.Max(tiling.Main, 1)), 1, Math.Max(tiling.Tiles, 1));
    }

    /// <summary>f32 of scratch memory that <see cref="Run"/> needs; <paramref name="packsRows"/> and <paramref name="packsColumns"/> say what is packed on the way.</summary>
    public long Scratch<V>(bool packsRows, bool packsColumns) where V : struct, ISimd<V>
    {
        long room = 2 * GemmTile.MaxRows * 2 * V.Count + 3 * V.Count;
        if (packsColumns) room += depth * 2 * V.Count;
        if (packsRows) room += (long)tilesPerBlock * Math.Max(tiling.Main, tiling.Tail) * depth;
        return room;
    }

    /// <summary>Computes the columns from <paramref name="column"/>, a multiple of a full width, to <paramref name="end"/>.</summary>
    public void Run<V, TPanels>(in GemmRows a, TPanels b, long column, long end, in GemmStart start, in GemmTarget c, float* scratch, in KernelBuffers buffers)
        where V : struct, ISimd<V> where TPanels : struct, IPanels
    {
        int width = 2 * V.Count;
        new Span<float>(scratch, width).Clear();
        var room = new Room(scratch, scratch + width, scratch + width + GemmTile.MaxRows * width, scratch + width + 2 * GemmTile.MaxRows * width);
        float* packed = room.Panel + (b is PackedPanels ? 0 : depth * width + V.Count);
        for (int tile = 0; tile < tiling.Tiles; tile += tilesPerBlock)
        {
            int tiles = Math.Min(tilesPerBlock, tiling.Tiles - tile), row = tile * tiling.Main;
            var block = new Block(tile, tiles, row, Math.Min(rows - row, tile + tiles > tiling.Count ? rows : tiles * tiling.Main));
            if (!a.ArePacked && k > depth)
            {
                for (long at = 0; at < k; at += depth)
                {
                    Sweep<V, TPanels>(block, Pack<V>(a, block, at, packed), b, at, column, end, start, c, room);
                }
                Finish(block, column, end, c, buffers);
                continue;
            }
            // Columns are finished group by group: the epilogue finds them in a near cache.
            var near = Pack<V>(a, block, 0, packed);
            long group = Math.Clamp(HotResults / Math.Max(1, block.Rows) / width, 2, 16) * width;
            for (long from = column; from < end; from += group)
            {
                long to = Math.Min(end, from + group);
                for (long at = 0; at == 0 || at < k; at += depth) Sweep<V, TPanels>(block, near, b, at, from, to, start, c, room);
                Finish(block, from, to, c, buffers);
            }
        }
    }

    private readonly record struct Block(int Tile, int Tiles, int Row, int Rows);

    /// <summary>The packed rows of a block from element <paramref name="from"/> along k on; a tile occupies <paramref name="depth"/> elements of each of its rows.</summary>
    private readonly struct Packed(float* address, long depth, long from)
    {
        public float* Tile(long rowsBefore, int tileRows, long at) => address + rowsBefore * depth + (at - from) * tileRows;
    }

    private readonly struct Room(float* zeros, float* start, float* result, float* panel)
    {
        public float* Zeros => zeros;
        public float* Start => start;
        public float* Result => result;
        public float* Panel => panel;
    }

    private Packed Pack<V>(in GemmRows a, Block block, long at, float* room) where V : struct, ISimd<V>
    {
        long whole = GemmPacking.PaddedDepth(k), count = Math.Min(depth, k - at);
        if (a.ArePacked) return new(a.Address + block.Row * whole, whole, 0);
        float* source = a.Address + block.Row * a.RowStride + at * a.KStride;
        bool hasTail = block.Tile + block.Tiles > tiling.Count;
        if (block.Tiles == 1 && tiling.RowsOf(block.Tile) == 1 && a.KStride == 1 && a.Scale == 1) return new(source, count, at);
        GemmPacking.Rows<V>(source, a.RowStride, a.KStride, block.Rows, count, a.Scale, new(tiling.Main, hasTail ? block.Tiles - 1 : block.Tiles, hasTail ? tiling.Tail : 0), room);
        return new(room, GemmPacking.PaddedDepth(count), at);
    }

    // Adds the products along k from `at` on, one depth of them, to columns [column, end) of a block.
    private void Sweep<V, TPanels>(Block block, Packed a, TPanels b, long at, long column, long end, in GemmStart start, in GemmTarget c, in Room room)
        where V : struct, ISimd<V> where TPanels : struct, IPanels
    {
        long count = Math.Min(depth, k - at);
        bool last = at + count >= k;
        float low = last ? least : float.NegativeInfinity, high = last ? most : float.PositiveInfinity;
        bool isFar = tiling.Tiles <= FewTiles && b is PackedPanels;
        var from = at == 0 ? start : new GemmStart(c.Address, c.Stride, 1);
        for (long j = column; j < end;)
        {
            int width = GemmPacking.PanelWidth<V>(end - j), columns = (int)Math.Min(width, end - j);
            float* panel = b.Panel<V>(at, count, j, width, room.Panel);
            long row = block.Row;
            for (int t = block.Tile; t < block.Tile + block.Tiles; t++)
            {
                int tileRows = tiling.RowsOf(t), real = (int)Math.Min(tileRows, rows - row);
                bool whole = real == tileRows && columns == width;
                float* result = whole ? c.Address + row * c.Stride + j : room.Result;
                long stride = whole ? c.Stride : width;
                var first = Start<V>(from.At(row, j), whole, real, columns, width, room);
                GemmTiles<V>.Tile(tileRows, width / V.Count, isFar)(a.Tile(row - block.Row, tileRows, at), panel, count, first.Address, first.RowStride, result, stride, low, high);
                if (!whole)
                {
                    for (int i = 0; i < real; i++) new Span<float>(result + i * width, columns).CopyTo(new(c.Address + (row + i) * c.Stride + j, columns));
                }
                row += real;
            }
            j += columns;
        }
    }

    // The same sums in a form that a tile reads.
    private static GemmStart Start<V>(in GemmStart start, bool whole, int real, int columns, int width, in Room room) where V : struct, ISimd<V>
    {
        if (start.Address is null) return new(room.Zeros);
        if (whole && start.IsDirect) return start;
        for (int i = 0; i < real; i++)
        {
            float* from = start.Address + i * start.RowStride, to = room.Start + i * width;
            if (start.ColumnStride == 0)
            {
                V same = V.Of(*from * start.Factor);
                same.Store(to);
                if (width > V.Count) same.Store(to + V.Count);
                continue;
            }
            for (int j = 0; j < columns; j++) to[j] = from[j * start.ColumnStride] * start.Factor;
        }
        return new(room.Start, width, 1);
    }

    private void Finish(Block block, long column, long end, in GemmTarget c, in KernelBuffers buffers)
    {
        if (epilogue.IsEmpty) return;
        // Whole rows follow one another.
        bool isWhole = end - column == c.Stride && block.Rows * c.Stride <= HotResults;
        long step = isWhole ? Math.Max(block.Rows, 1) : 1;
        for (long i = block.Row; i < block.Row + block.Rows; i += step)
        {
            long at = i * c.Stride + column;
            epilogue.Apply(c.Address + at, c.Offset + at, (int)((end - column) * step), buffers);
        }
    }
}

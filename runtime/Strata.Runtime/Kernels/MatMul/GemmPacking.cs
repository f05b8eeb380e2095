using Strata.Kernels.Simd;

namespace Strata.Kernels.MatMul;

/// <summary>Brings operands into the order in which tiles read them.</summary>
internal static unsafe class GemmPacking
{
    /// <summary>k rounded up to whole chunks.</summary>
    public static long PaddedDepth(long k) => (k + GemmTile.Chunk - 1) / GemmTile.Chunk * GemmTile.Chunk;

    /// <summary>
    /// Packs rows × k numbers, times <paramref name="scale"/>, as tiles <c>[⌈k/16⌉, tile rows, 16]</c> one after the other; rows
    /// beyond the end are zero.
    /// </summary>
    public static void Rows<V>(float* source, long rowStride, long kStride, int rows, long k, float scale, in RowTiling tiling, float* target) where V : struct, ISimd<V>
    {
        for (int tile = 0, row = 0; tile < tiling.Tiles; row += tiling.RowsOf(tile++))
        {
            int room = tiling.RowsOf(tile), real = Math.Min(room, rows - row);
            float* from = source + row * rowStride;
            if (kStride == 1) Tile<V>(from, rowStride, real, room, k, scale, target);
            else StridedTile(from, rowStride, kStride, real, room, k, scale, target);
            target += room * PaddedDepth(k);
        }
    }

    private static void Tile<V>(float* source, long rowStride, int real, int room, long k, float scale, float* target) where V : struct, ISimd<V>
    {
        V factor = V.Of(scale);
        long whole = k - k % GemmTile.Chunk;
        for (int i = 0; i < real; i++)
        {
            float* from = source + i * rowStride, to = target + i * GemmTile.Chunk;
            for (long p = 0; p < whole; p += GemmTile.Chunk, to += room * GemmTile.Chunk)
            {
                for (int j = 0; j < GemmTile.Chunk; j += V.Count) (V.Load(from + p + j) * factor).Store(to + j);
            }
            for (long p = whole; p < k; p++) to[p - whole] = from[p] * scale;
        }
        Clear(target, real, room, k);
    }

    private static void StridedTile(float* source, long rowStride, long kStride, int real, int room, long k, float scale, float* target)
    {
        for (long p = 0; p < k; p++)
        {
            float* from = source + p * kStride, to = target + p / GemmTile.Chunk * (room * GemmTile.Chunk) + p % GemmTile.Chunk;
            for (int i = 0; i < real; i++) to[i * GemmTile.Chunk] = from[i * rowStride] * scale;
        }
        Clear(target, real, room, k);
    }

    private static void Clear(float* target, int real, int room, long k)
    {
        if (real == room) return;
        for (long p = 0; p < k; p += GemmTile.Chunk, target += room * GemmTile.Chunk) new Span<float>(target + real * GemmTile.Chunk, (room - real) * GemmTile.Chunk).Clear();
    }

    /// <summary>Columns of the panel that begins at a column: a whole tile's, or one vector's when no more are left.</summary>
    public static int PanelWidth<V>(long columnsLeft) where V : struct, ISimd<V> => columnsLeft > V.Count ? 2 * V.Count : V.Count;

    /// <summary>Columns of all panels, those beyond the end included.</summary>
    public static long PaddedColumns<V>(long columns) where V : struct, ISimd<V>
    {
        long whole = columns / (2 * V.Count) * (2 * V.Count);
        return columns == whole ? whole : whole + PanelWidth<V>(columns - whole);
    }

    /// <summary>Packs k × columns numbers as panels one after the other; <c>k · PaddedColumns</c> numbers.</summary>
    public static void Columns<V>(float* source, long kStride, long columnStride, long k, long columns, float* target) where V : struct, ISimd<V>
    {
        for (long j = 0; j < columns;)
        {
            int width = PanelWidth<V>(columns - j), some = (int)Math.Min(width, columns - j);
            Panel<V>(source + j * columnStride, kStride, columnStride, k, some, width, target + j * k);
            j += some;
        }
    }

    /// <summary>Packs k × columns numbers as a panel <c>[k, width]</c>; columns beyond the end are zero.</summary>
    public static void Panel<V>(float* source, long kStride, long columnStride, long k, int columns, int width, float* target) where V : struct, ISimd<V>
    {
        if (columnStride == 1 && columns == width)
        {
            for (long p = 0; p < k; p++, source += kStride, target += width)
            {
                V.Load(source).Store(target);
                if (width > V.Count) V.Load(source + V.Count).Store(target + V.Count);
            }
            return;
        }
        if (columns < width) new Span<float>(target, checked((int)(k * width))).Clear();
        if (kStride == 1)
        {
            Transpose(source, columnStride, k, columns, width, target);
            return;
        }
        for (long p = 0; p < k; p++, source += kStride, target += width)
        {
            for (int j = 0; j < columns; j++) target[j] = source[j * columnStride];
        }
    }

    // Blocks of a cache line along k: each line of the source is read once.
    private static void Transpose(float* source, long columnStride, long k, int columns, int width, float* target)
    {
        for (long p = 0; p < k; p += GemmTile.Chunk)
        {
            int count = (int)Math.Min(GemmTile.Chunk, k - p);
            for (int j = 0; j < columns; j++)
            {
                float* from = source + j * columnStride + p, to = target + p * width + j;
                for (int i = 0; i < count; i++) to[i * width] = from[i];
            }
        }
    }
}

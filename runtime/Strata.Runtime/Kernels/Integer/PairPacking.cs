using System.Runtime.CompilerServices;
using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Integer;

/// <summary>Codes of 8 bits where they lie: signed or not, with the zero-point of all, or one per row or column (null: 0).</summary>
internal readonly unsafe struct Codes(byte* address, bool isSigned, byte* zero, bool hasMany)
{
    /// <summary>The first code.</summary>
    public byte* Address => address;

    /// <summary>The same zero-points for codes elsewhere.</summary>
    public Codes At(byte* other, long parameter) => new(other, isSigned, zero == null || !hasMany ? zero : zero + parameter, hasMany);

    /// <summary>The zero-point of a row or column.</summary>
    public int Zero(long index) => zero == null ? 0 : Number(zero[hasMany ? index : 0]);

    /// <summary>A code as a number.</summary>
    public int Number(byte code) => isSigned ? (sbyte)code : code;

    /// <summary>The numbers of consecutive codes as i32, less the zero-points of consecutive columns from the first on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Load<V>(byte* from, long column) where V : struct, ISimd<V> => V.SubtractBits(Widen<V>(from), zero == null ? V.OfBits(0) : hasMany ? Widen<V>(zero + column) : V.OfBits(Number(*zero)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Widen<V>(byte* from) where V : struct, ISimd<V> => isSigned ? V.ShiftRight(V.ShiftLeft(V.LoadBits(from), 24), 24) : V.LoadBits(from);
}

/// <summary>Brings codes into the order in which tiles read them.</summary>
internal static unsafe class PairPacking
{
    /// <summary>Pairs along k: the last one of an odd k has a zero.</summary>
    public static long Pairs(long k) => (k + 1) / 2;

    /// <summary>Two neighbours along k as one element.</summary>
    public static int Pair(int first, int second) => first & 0xFFFF | second << 16;

    /// <summary>Packs rows × k codes, less a zero-point per row, as tiles <c>[pairs, tile rows]</c> one after the other; rows beyond the end are zero.</summary>
    public static void Rows(Codes source, long rowStride, int rows, long k, in RowTiling tiling, int* target)
    {
        long pairs = Pairs(k);
        for (int tile = 0, row = 0; tile < tiling.Tiles; row += tiling.RowsOf(tile++))
        {
            int room = tiling.RowsOf(tile), real = Math.Min(room, rows - row);
            if (real < room) new Span<int>(target, checked((int)(room * pairs))).Clear();
            for (int i = 0; i < real; i++)
            {
                byte* from = source.Address + (row + i) * rowStride;
                int zero = source.Zero(row + i);
                int* to = target + i;
                for (long p = 0; p < k / 2; p++, to += room) *to = Pair(source.Number(from[2 * p]) - zero, source.Number(from[2 * p + 1]) - zero);
                if (k % 2 != 0) *to = Pair(source.Number(from[k - 1]) - zero, 0);
            }
            target += room * pairs;
        }
    }

    /// <summary>Packs k × columns codes, rows <paramref name="rowStride"/> apart and less a zero-point per column, as a panel <c>[pairs, 2 · V.Count]</c>; columns beyond the end are zero.</summary>
    public static void Panel<V>(Codes source, long rowStride, long k, int columns, float* target) where V : struct, ISimd<V>
    {
        int width = 2 * V.Count;
        byte* from = source.Address;
        for (; k > 0; k -= 2, from += 2 * rowStride, target += width)
        {
            byte* next = k > 1 ? from + rowStride : null;
            int j = 0;
            for (; j <= columns - V.Count; j += V.Count)
            {
                V second = next == null ? V.OfBits(0) : source.Load<V>(next + j, j);
                Joined(source.Load<V>(from + j, j), second).Store(target + j);
            }
            for (; j < width; j++)
            {
                int zero = j < columns ? source.Zero(j) : 0;
                ((int*)target)[j] = j >= columns ? 0 : Pair(source.Number(from[j]) - zero, next == null ? 0 : source.Number(next[j]) - zero);
            }
        }
    }

    /// <summary>Joins two neighbouring rows of i32 <c>[k, width]</c> at a time to a row of pairs, in place.</summary>
    public static void Join<V>(float* rows, long k, int width) where V : struct, ISimd<V>
    {
        float* to = rows;
        for (; k > 0; k -= 2, rows += 2 * width, to += width)
        {
            for (int j = 0; j < width; j += V.Count) Joined(V.Load(rows + j), k > 1 ? V.Load(rows + width + j) : V.OfBits(0)).Store(to + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Joined<V>(V first, V second) where V : struct, ISimd<V> => first & V.OfBits(0xFFFF) | V.ShiftLeft(second, 16);
}

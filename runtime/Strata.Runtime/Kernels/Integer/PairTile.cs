using System.Runtime.CompilerServices;
using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Integer;

/// <summary>
/// The innermost loop of integer products. Codes of 8 bits less their zero-points are i16; two neighbours along k are one
/// element, a pair, so that one instruction multiplies both and adds the products. Sums wrap in 32 bits.
/// </summary>
internal static unsafe class PairTile
{
    /// <summary>Rows of the tiles there are, ascending.</summary>
    public static ReadOnlySpan<int> RowCounts => [1, 2, 4, 6];

    /// <summary>c = a · b, or c += a · b, for a number of rows from <see cref="RowCounts"/>. a: pairs <c>[pairs, rows]</c>; b: pairs <c>[pairs, 2 · V.Count]</c>; c: i32, rows <paramref name="stride"/> apart.</summary>
    public static void Run<V>(int rows, float* a, float* b, long pairs, float* c, long stride, bool adds) where V : struct, ISimd<V>
    {
        switch (rows)
        {
            case 1: Run<V, N1>(a, b, pairs, c, stride, adds); break;
            case 2: Run<V, N2>(a, b, pairs, c, stride, adds); break;
            case 4: Run<V, N4>(a, b, pairs, c, stride, adds); break;
            default: Run<V, N6>(a, b, pairs, c, stride, adds); break;
        }
    }

    private static void Run<V, TRows>(float* a, float* b, long pairs, float* c, long stride, bool adds) where V : struct, ISimd<V> where TRows : INumber
    {
        V p0 = V.OfBits(0), q0 = p0, p1 = p0, q1 = p0, p2 = p0, q2 = p0, p3 = p0, q3 = p0, p4 = p0, q4 = p0, p5 = p0, q5 = p0;
        for (; pairs > 0; pairs--, a += TRows.Value, b += 2 * V.Count)
        {
            V u = V.Load(b), v = V.Load(b + V.Count), x = V.Of(a[0]);
            p0 = V.AddBits(p0, V.MultiplyPairs(x, u));
            q0 = V.AddBits(q0, V.MultiplyPairs(x, v));
            if (TRows.Value > 1)
            {
                x = V.Of(a[1]);
                p1 = V.AddBits(p1, V.MultiplyPairs(x, u));
                q1 = V.AddBits(q1, V.MultiplyPairs(x, v));
            }
            if (TRows.Value > 2)
            {
                x = V.Of(a[2]);
                p2 = V.AddBits(p2, V.MultiplyPairs(x, u));
                q2 = V.AddBits(q2, V.MultiplyPairs(x, v));
                x = V.Of(a[3]);
                p3 = V.AddBits(p3, V.MultiplyPairs(x, u));
                q3 = V.AddBits(q3, V.MultiplyPairs(x, v));
            }
            if (TRows.Value > 4)
            {
                x = V.Of(a[4]);
                p4 = V.AddBits(p4, V.MultiplyPairs(x, u));
                q4 = V.AddBits(q4, V.MultiplyPairs(x, v));
                x = V.Of(a[5]);
                p5 = V.AddBits(p5, V.MultiplyPairs(x, u));
                q5 = V.AddBits(q5, V.MultiplyPairs(x, v));
            }
        }
        Store(p0, q0, c, adds);
        if (TRows.Value > 1) Store(p1, q1, c + stride, adds);
        if (TRows.Value > 2)
        {
            Store(p2, q2, c + 2 * stride, adds);
            Store(p3, q3, c + 3 * stride, adds);
        }
        if (TRows.Value > 4)
        {
            Store(p4, q4, c + 4 * stride, adds);
            Store(p5, q5, c + 5 * stride, adds);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<V>(V p, V q, float* c, bool adds) where V : struct, ISimd<V>
    {
        if (adds)
        {
            p = V.AddBits(p, V.Load(c));
            q = V.AddBits(q, V.Load(c + V.Count));
        }
        p.Store(c);
        q.Store(c + V.Count);
    }

    private readonly struct N1 : INumber { public static int Value => 1; }
    private readonly struct N2 : INumber { public static int Value => 2; }
    private readonly struct N4 : INumber { public static int Value => 4; }
    private readonly struct N6 : INumber { public static int Value => 6; }
}

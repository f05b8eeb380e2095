using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.MatMul;

/// <summary>
/// Tiles of one and two rows, with the contract of <see cref="GemmTile.Run"/>: several sums along k per element, or the
/// latency of the additions would hide the bandwidth of the columns.
/// </summary>
internal static unsafe class GemmThinTile
{
    /// <summary>One row, four sums.</summary>
    public static void One<V, TVectors>(float* a, float* b, long k, float* start, long startStride, float* c, long cStride, float least, float most)
        where V : struct, ISimd<V> where TVectors : INumber
    {
        int row = TVectors.Value * V.Count;
        bool two = TVectors.Value > 1;
        V p0 = V.Load(start), p1 = V.Of(0), p2 = p1, p3 = p1;
        V q0 = two ? V.Load(start + V.Count) : p1, q1 = p1, q2 = p1, q3 = p1;
        for (; k >= 4; k -= 4)
        {
            V x0 = V.Of(a[0]), x1 = V.Of(a[1]), x2 = V.Of(a[2]), x3 = V.Of(a[3]);
            p0 = V.Fma(x0, V.Load(b), p0);
            p1 = V.Fma(x1, V.Load(b + row), p1);
            p2 = V.Fma(x2, V.Load(b + 2 * row), p2);
            p3 = V.Fma(x3, V.Load(b + 3 * row), p3);
            if (two)
            {
                q0 = V.Fma(x0, V.Load(b + V.Count), q0);
                q1 = V.Fma(x1, V.Load(b + row + V.Count), q1);
                q2 = V.Fma(x2, V.Load(b + 2 * row + V.Count), q2);
                q3 = V.Fma(x3, V.Load(b + 3 * row + V.Count), q3);
            }
            a += 4;
            b += 4 * row;
        }
        for (; k > 0; k--, b += row)
        {
            V x = V.Of(*a++);
            p0 = V.Fma(x, V.Load(b), p0);
            if (two) q0 = V.Fma(x, V.Load(b + V.Count), q0);
        }
        V low = V.Of(least), high = V.Of(most);
        V.Max(low, V.Min(high, (p0 + p1) + (p2 + p3))).Store(c);
        if (two) V.Max(low, V.Min(high, (q0 + q1) + (q2 + q3))).Store(c + V.Count);
    }

    /// <summary>Two rows, two sums.</summary>
    public static void Two<V, TVectors>(float* a, float* b, long k, float* start, long startStride, float* c, long cStride, float least, float most)
        where V : struct, ISimd<V> where TVectors : INumber
    {
        int row = TVectors.Value * V.Count;
        bool two = TVectors.Value > 1;
        V zero = V.Of(0), p0 = V.Load(start), p1 = V.Load(start + startStride), r0 = zero, r1 = zero;
        V q0 = two ? V.Load(start + V.Count) : zero, q1 = two ? V.Load(start + startStride + V.Count) : zero, s0 = zero, s1 = zero;
        for (; k > 0; k -= GemmTile.Chunk, a += 2 * GemmTile.Chunk)
        {
            int count = (int)Math.Min(k, GemmTile.Chunk), i = 0;
            for (; i < count - 1; i += 2, b += 2 * row)
            {
                V u = V.Load(b), x0 = V.Of(a[i]), x1 = V.Of(a[i + GemmTile.Chunk]);
                p0 = V.Fma(x0, u, p0);
                p1 = V.Fma(x1, u, p1);
                V v = V.Load(b + row), y0 = V.Of(a[i + 1]), y1 = V.Of(a[i + 1 + GemmTile.Chunk]);
                r0 = V.Fma(y0, v, r0);
                r1 = V.Fma(y1, v, r1);
                if (two)
                {
                    u = V.Load(b + V.Count);
                    q0 = V.Fma(x0, u, q0);
                    q1 = V.Fma(x1, u, q1);
                    v = V.Load(b + row + V.Count);
                    s0 = V.Fma(y0, v, s0);
                    s1 = V.Fma(y1, v, s1);
                }
            }
            if (i < count)
            {
                V x0 = V.Of(a[i]), x1 = V.Of(a[i + GemmTile.Chunk]);
                p0 = V.Fma(x0, V.Load(b), p0);
                p1 = V.Fma(x1, V.Load(b), p1);
                if (two)
                {
                    q0 = V.Fma(x0, V.Load(b + V.Count), q0);
                    q1 = V.Fma(x1, V.Load(b + V.Count), q1);
                }
                b += row;
            }
        }
        V low = V.Of(least), high = V.Of(most);
        V.Max(low, V.Min(high, p0 + r0)).Store(c);
        V.Max(low, V.Min(high, p1 + r1)).Store(c + cStride);
        if (two)
        {
            V.Max(low, V.Min(high, q0 + s0)).Store(c + V.Count);
            V.Max(low, V.Min(high, q1 + s1)).Store(c + cStride + V.Count);
        }
    }
}

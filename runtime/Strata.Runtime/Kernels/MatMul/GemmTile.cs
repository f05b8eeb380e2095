using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.MatMul;

/// <summary>A number that code is specialised for.</summary>
internal interface INumber
{
    /// <summary>The number.</summary>
    static abstract int Value { get; }
}

/// <summary>
/// The innermost loop of every matrix product: a tile of <c>TRows</c> rows and <c>TVectors</c> (1 or 2) vectors of columns is
/// held in registers while k runs. What a row count does not need is removed by the compiler. Columns that come from afar are asked for
/// <c>TAhead</c> elements along k before they are needed; 0 leaves that out.
/// </summary>
internal static unsafe class GemmTile
{
    /// <summary>Elements along k of one row that lie together in packed rows.</summary>
    public const int Chunk = 16;

    /// <summary>The most rows of a tile.</summary>
    public const int MaxRows = 14;

    /// <summary>
    /// <c>c = clamp(start + a · b)</c>. a: rows packed as <c>[⌈k/16⌉, TRows, 16]</c>. b: <c>[k, TVectors · V.Count]</c>. c: rows
    /// <paramref name="cStride"/> apart; start: rows <paramref name="startStride"/> apart, may be c.
    /// </summary>
    public static void Run<V, TRows, TVectors, TAhead>(float* a, float* b, long k, float* start, long startStride, float* c, long cStride, float least, float most)
        where V : struct, ISimd<V> where TRows : INumber where TVectors : INumber where TAhead : INumber
    {
        V p0 = default, q0 = default;
        V p1 = default, q1 = default;
        V p2 = default, q2 = default;
        V p3 = default, q3 = default;
        V p4 = default, q4 = default;
        V p5 = default, q5 = default;
        V p6 = default, q6 = default;
        V p7 = default, q7 = default;
        V p8 = default, q8 = default;
        V p9 = default, q9 = default;
        V p10 = default, q10 = default;
        V p11 = default, q11 = default;
        V p12 = default, q12 = default;
        V p13 = default, q13 = default;
        if (TRows.Value > 0)
        {
            p0 = V.Load(start);
            if (TVectors.Value > 1) q0 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 1)
        {
            p1 = V.Load(start);
            if (TVectors.Value > 1) q1 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 2)
        {
            p2 = V.Load(start);
            if (TVectors.Value > 1) q2 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 3)
        {
            p3 = V.Load(start);
            if (TVectors.Value > 1) q3 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 4)
        {
            p4 = V.Load(start);
            if (TVectors.Value > 1) q4 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 5)
        {
            p5 = V.Load(start);
            if (TVectors.Value > 1) q5 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 6)
        {
            p6 = V.Load(start);
            if (TVectors.Value > 1) q6 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 7)
        {
            p7 = V.Load(start);
            if (TVectors.Value > 1) q7 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 8)
        {
            p8 = V.Load(start);
            if (TVectors.Value > 1) q8 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 9)
        {
            p9 = V.Load(start);
            if (TVectors.Value > 1) q9 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 10)
        {
            p10 = V.Load(start);
            if (TVectors.Value > 1) q10 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 11)
        {
            p11 = V.Load(start);
            if (TVectors.Value > 1) q11 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 12)
        {
            p12 = V.Load(start);
            if (TVectors.Value > 1) q12 = V.Load(start + V.Count);
            start += startStride;
        }
        if (TRows.Value > 13)
        {
            p13 = V.Load(start);
            if (TVectors.Value > 1) q13 = V.Load(start + V.Count);
            start += startStride;
        }
        while (k > 0)
        {
            float* end = a + Math.Min(k, Chunk);
            float* next = a + TRows.Value * Chunk;
            do
            {
                if (TAhead.Value > 0) V.Prefetch(b + TAhead.Value * TVectors.Value * V.Count);
                V u = V.Load(b), v = TVectors.Value > 1 ? V.Load(b + V.Count) : default, x;
                if (TRows.Value > 0)
                {
                    x = V.Of(a[0 * Chunk]);
                    p0 = V.Fma(x, u, p0);
                    if (TVectors.Value > 1) q0 = V.Fma(x, v, q0);
                }
                if (TRows.Value > 1)
                {
                    x = V.Of(a[1 * Chunk]);
                    p1 = V.Fma(x, u, p1);
                    if (TVectors.Value > 1) q1 = V.Fma(x, v, q1);
                }
                if (TRows.Value > 2)
                {
                    x = V.Of(a[2 * Chunk]);
                    p2 = V.Fma(x, u, p2);
                    if (TVectors.Value > 1) q2 = V.Fma(x, v, q2);
                }
                if (TRows.Value > 3)
                {
                    x = V.Of(a[3 * Chunk]);
                    p3 = V.Fma(x, u, p3);
                    if (TVectors.Value > 1) q3 = V.Fma(x, v, q3);
                }
                if (TRows.Value > 4)
                {
                    x = V.Of(a[4 * Chunk]);
                    p4 = V.Fma(x, u, p4);
                    if (TVectors.Value > 1) q4 = V.Fma(x, v, q4);
                }
                if (TRows.Value > 5)
                {
                    x = V.Of(a[5 * Chunk]);
                    p5 = V.Fma(x, u, p5);
                    if (TVectors.Value > 1) q5 = V.Fma(x, v, q5);
                }
                if (TRows.Value > 6)
                {
                    x = V.Of(a[6 * Chunk]);
                    p6 = V.Fma(x, u, p6);
                    if (TVectors.Value > 1) q6 = V.Fma(x, v, q6);
                }
                if (TRows.Value > 7)
                {
                    x = V.Of(a[7 * Chunk]);
                    p7 = V.Fma(x, u, p7);
                    if (TVectors.Value > 1) q7 = V.Fma(x, v, q7);
                }
                if (TRows.Value > 8)
                {
                    x = V.Of(a[8 * Chunk]);
                    p8 = V.Fma(x, u, p8);
                    if (TVectors.Value > 1) q8 = V.Fma(x, v, q8);
                }
                if (TRows.Value > 9)
                {
                    x = V.Of(a[9 * Chunk]);
                    p9 = V.Fma(x, u, p9);
                    if (TVectors.Value > 1) q9 = V.Fma(x, v, q9);
                }
                if (TRows.Value > 10)
                {
                    x = V.Of(a[10 * Chunk]);
                    p10 = V.Fma(x, u, p10);
                    if (TVectors.Value > 1) q10 = V.Fma(x, v, q10);
                }
                if (TRows.Value > 11)
                {
                    x = V.Of(a[11 * Chunk]);
                    p11 = V.Fma(x, u, p11);
                    if (TVectors.Value > 1) q11 = V.Fma(x, v, q11);
                }
                if (TRows.Value > 12)
                {
                    x = V.Of(a[12 * Chunk]);
                    p12 = V.Fma(x, u, p12);
                    if (TVectors.Value > 1) q12 = V.Fma(x, v, q12);
                }
                if (TRows.Value > 13)
                {
                    x = V.Of(a[13 * Chunk]);
                    p13 = V.Fma(x, u, p13);
                    if (TVectors.Value > 1) q13 = V.Fma(x, v, q13);
                }
                a++;
                b += TVectors.Value * V.Count;
            }
            while (a < end);
            a = next;
            k -= Chunk;
        }
        V low = V.Of(least), high = V.Of(most);
        if (TRows.Value > 0)
        {
            V.Max(low, V.Min(high, p0)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q0)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 1)
        {
            V.Max(low, V.Min(high, p1)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q1)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 2)
        {
            V.Max(low, V.Min(high, p2)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q2)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 3)
        {
            V.Max(low, V.Min(high, p3)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q3)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 4)
        {
            V.Max(low, V.Min(high, p4)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q4)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 5)
        {
            V.Max(low, V.Min(high, p5)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q5)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 6)
        {
            V.Max(low, V.Min(high, p6)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q6)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 7)
        {
            V.Max(low, V.Min(high, p7)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q7)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 8)
        {
            V.Max(low, V.Min(high, p8)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q8)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 9)
        {
            V.Max(low, V.Min(high, p9)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q9)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 10)
        {
            V.Max(low, V.Min(high, p10)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q10)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 11)
        {
            V.Max(low, V.Min(high, p11)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q11)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 12)
        {
            V.Max(low, V.Min(high, p12)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q12)).Store(c + V.Count);
            c += cStride;
        }
        if (TRows.Value > 13)
        {
            V.Max(low, V.Min(high, p13)).Store(c);
            if (TVectors.Value > 1) V.Max(low, V.Min(high, q13)).Store(c + V.Count);
            c += cStride;
        }
    }
}

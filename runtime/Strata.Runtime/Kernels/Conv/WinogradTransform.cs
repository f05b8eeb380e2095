using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Conv;

/// <summary>
/// Winograd's F(4 × 4, 3 × 3): the sums of 4 × 4 outputs by 36 products instead of 144, <c>y = Aᵀ[(G g Gᵀ) ∘ (Bᵀ d B)]A</c>.
/// Polynomials are taken at 0, ±3/4, ±3/2 and ∞: all factors of inputs and outputs are binary fractions, and roundings grow
/// about half as much as at 0, ±1, ±2 and ∞. Vectors hold the same element of tiles that follow one another.
/// </summary>
internal static unsafe class WinogradTransform
{
    /// <summary>Outputs, elements of the input, and elements of the filter of a tile, along an axis.</summary>
    public const int Outputs = 4, Inputs = 6, Taps = 3;

    /// <summary>Products of a tile.</summary>
    public const int Products = Inputs * Inputs;

    private const float A = 0.75f, A2 = A * A, A3 = A * A2, B = 1.5f, B2 = B * B, B3 = B * B2;

    // Rows of G by point: what a filter's three elements are multiplied with.
    private static readonly double[][] s_filter =
    [
        [1 / ((double)A2 * B2), 0, 0], At(A, B), At(-A, B), At(B, A), At(-B, A), [0, 0, 1],
    ];

    /// <summary>The 36 numbers of a filter's plane of nine, each <paramref name="stride"/> after the one before.</summary>
    public static void Filter(float* taps, float* to, long stride)
    {
        for (int i = 0; i < Inputs; i++)
        {
            for (int j = 0; j < Inputs; j++, to += stride)
            {
                double sum = 0;
                for (int p = 0; p < Taps; p++)
                {
                    for (int q = 0; q < Taps; q++) sum += s_filter[i][p] * s_filter[j][q] * taps[p * Taps + q];
                }
                *to = (float)sum;
            }
        }
    }

    /// <summary>
    /// Transforms six rows, <paramref name="pitch"/> apart, along their columns, <paramref name="count"/> elements each and the rest of a vector,
    /// to <paramref name="to"/>, and the same from the fifth on to <paramref name="toLast"/>.
    /// </summary>
    public static void Columns<V>(float* from, long pitch, float* to, float* toLast, long toPitch, int count) where V : struct, ISimd<V>
    {
        float* line = to;
        for (int x = 0; x < count; x += V.Count, from += V.Count, to += V.Count)
        {
            V d0 = V.Load(from), d1 = V.Load(from + pitch), d2 = V.Load(from + 2 * pitch), d3 = V.Load(from + 3 * pitch), d4 = V.Load(from + 4 * pitch), d5 = V.Load(from + 5 * pitch);
            Points(d0, d1, d2, d3, d4, d5, out V u0, out V u1, out V u2, out V u3, out V u4, out V u5);
            u0.Store(to);
            u1.Store(to + toPitch);
            u2.Store(to + 2 * toPitch);
            u3.Store(to + 3 * toPitch);
            u4.Store(to + 4 * toPitch);
            u5.Store(to + 5 * toPitch);
            if (x < Outputs) continue;
            float* last = toLast + x - Outputs;
            u0.Store(last);
            u1.Store(last + toPitch);
            u2.Store(last + 2 * toPitch);
            u3.Store(last + 3 * toPitch);
            u4.Store(last + 4 * toPitch);
            u5.Store(last + 5 * toPitch);
        }
        // What lies across the first two vectors.
        for (int i = 0; i < Inputs; i++) V.Load(line + i * toPitch + Outputs).Store(toLast + i * toPitch);
    }

    /// <summary>
    /// Transforms <paramref name="tiles"/> tiles, whole vectors of them, along their rows: the first four elements of each follow one another at
    /// <paramref name="from"/>, the last two, and two more, at <paramref name="last"/>. In a vector, tiles lie as transposing within 128 bits leaves them.
    /// </summary>
    public static void Row<V>(float* from, float* last, float* to, long stride, int tiles) where V : struct, ISimd<V>
    {
        for (; tiles > 0; tiles -= V.Count, from += Outputs * V.Count, last += Outputs * V.Count, to += V.Count)
        {
            V d0 = V.Load(from), d1 = V.Load(from + V.Count), d2 = V.Load(from + 2 * V.Count), d3 = V.Load(from + 3 * V.Count);
            Transpose(ref d0, ref d1, ref d2, ref d3);
            V even = V.ZipLowerLanes(V.Load(last), V.Load(last + 2 * V.Count)), odd = V.ZipLowerLanes(V.Load(last + V.Count), V.Load(last + 3 * V.Count));
            V d4 = V.Count == 1 ? V.Load(last) : V.ZipLowerLanes(even, odd), d5 = V.Count == 1 ? V.Load(last + 1) : V.ZipUpperLanes(even, odd);
            Points(d0, d1, d2, d3, d4, d5, out V u0, out V u1, out V u2, out V u3, out V u4, out V u5);
            u0.Store(to);
            u1.Store(to + stride);
            u2.Store(to + 2 * stride);
            u3.Store(to + 3 * stride);
            u4.Store(to + 4 * stride);
            u5.Store(to + 5 * stride);
        }
    }

    /// <summary>
    /// The outputs of a vector of tiles from their 36 sums, <paramref name="stride"/> apart: clamped, as four rows
    /// <paramref name="pitch"/> apart. <paramref name="room"/> has place for 24 vectors. Adds zeros to <paramref name="zero"/>: NaN where an output is not finite.
    /// </summary>
    public static void Sums<V>(float* from, long stride, V start, V least, V most, float* to, long pitch, float* room, ref V zero) where V : struct, ISimd<V>
    {
        float* next = room;
        for (int j = 0; j < Inputs; j++, from += stride, next += V.Count)
        {
            float* m = from;
            V m0 = V.Load(m), m1 = V.Load(m += Inputs * stride), m2 = V.Load(m += Inputs * stride), m3 = V.Load(m += Inputs * stride), m4 = V.Load(m += Inputs * stride), m5 = V.Load(m + Inputs * stride);
            Values(m0, m1, m2, m3, m4, m5, out V v0, out V v1, out V v2, out V v3);
            v0.Store(next);
            v1.Store(next + Inputs * V.Count);
            v2.Store(next + 2 * Inputs * V.Count);
            v3.Store(next + 3 * Inputs * V.Count);
        }
        V none = V.Of(0), nothing = zero;
        for (int i = 0; i < Outputs; i++, room += Inputs * V.Count, to += pitch)
        {
            V m0 = V.Load(room), m1 = V.Load(room + V.Count), m2 = V.Load(room + 2 * V.Count), m3 = V.Load(room + 3 * V.Count), m4 = V.Load(room + 4 * V.Count), m5 = V.Load(room + 5 * V.Count);
            Values(m0, m1, m2, m3, m4, m5, out V v0, out V v1, out V v2, out V v3);
            (v0, v1, v2, v3) = (v0 + start, v1 + start, v2 + start, v3 + start);
            nothing = V.Fma(v0, none, V.Fma(v1, none, V.Fma(v2, none, V.Fma(v3, none, nothing))));
            (v0, v1) = (V.Max(least, V.Min(most, v0)), V.Max(least, V.Min(most, v1)));
            (v2, v3) = (V.Max(least, V.Min(most, v2)), V.Max(least, V.Min(most, v3)));
            Transpose(ref v0, ref v1, ref v2, ref v3);
            v0.Store(to);
            v1.Store(to + V.Count);
            v2.Store(to + 2 * V.Count);
            v3.Store(to + 3 * V.Count);
        }
        zero = nothing;
    }

    // From four vectors, each four elements of one tile per 128 bits, to one of an element each, and back.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose<V>(ref V a, ref V b, ref V c, ref V d) where V : struct, ISimd<V>
    {
        V even = V.ZipLowerLanes(a, c), odd = V.ZipLowerLanes(b, d), evenRest = V.ZipUpperLanes(a, c), oddRest = V.ZipUpperLanes(b, d);
        (a, b) = (V.ZipLowerLanes(even, odd), V.ZipUpperLanes(even, odd));
        (c, d) = (V.ZipLowerLanes(evenRest, oddRest), V.ZipUpperLanes(evenRest, oddRest));
    }

    // Bᵀ.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Points<V>(V d0, V d1, V d2, V d3, V d4, V d5, out V u0, out V u1, out V u2, out V u3, out V u4, out V u5) where V : struct, ISimd<V>
    {
        V a = V.Of(A), b = V.Of(B), minusA2 = V.Of(-A2), minusB2 = V.Of(-B2), minusSum = V.Of(-(A2 + B2)), product = V.Of(A2 * B2);
        V even = V.Fma(minusB2, d2, d4), odd = a * V.Fma(minusB2, d1, d3);
        (u1, u2) = (even + odd, even - odd);
        (even, odd) = (V.Fma(minusA2, d2, d4), b * V.Fma(minusA2, d1, d3));
        (u3, u4) = (even + odd, even - odd);
        u0 = V.Fma(minusSum, d2, V.Fma(product, d0, d4));
        u5 = V.Fma(minusSum, d3, V.Fma(product, d1, d5));
    }

    // Aᵀ.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Values<V>(V m0, V m1, V m2, V m3, V m4, V m5, out V v0, out V v1, out V v2, out V v3) where V : struct, ISimd<V>
    {
        V near = m1 + m2, nearOdd = m1 - m2, far = m3 + m4, farOdd = m3 - m4;
        v0 = m0 + near + far;
        v1 = V.Fma(V.Of(A), nearOdd, V.Of(B) * farOdd);
        v2 = V.Fma(V.Of(A2), near, V.Of(B2) * far);
        v3 = V.Fma(V.Of(A3), nearOdd, V.Fma(V.Of(B3), farOdd, m5));
    }

    private static double[] At(double point, double other)
    {
        double scale = 1 / (2 * point * point * (point * point - other * other));
        return [scale, scale * point, scale * point * point];
    }
}

using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Conv;

/// <summary>
/// Runs of sums <c>target[i] = clamp(start + Σₖ weights[k] · source[offsets[k] + i])</c>, for one filter or for four that share
/// what they read. Whole vectors are read and written: what lies behind a run must be memory, and is overwritten.
/// </summary>
internal static unsafe class DirectSums<V> where V : struct, ISimd<V>
{
    /// <summary>Filters that share what they read.</summary>
    public const int Filters = 4;

    /// <summary>
    /// The runs of up to four filters, each <paramref name="stride"/> after the one before, with filters of <paramref name="k"/>
    /// weights one after the other, and starts likewise (null: zero).
    /// </summary>
    public static void Sum(float* source, int* offsets, float* weights, long k, float* start, int filters, float least, float most, float* target, long stride, long count)
    {
        if (filters == Filters)
        {
            Four(source, offsets, weights, k, start, least, most, target, stride, count);
            return;
        }
        for (int f = 0; f < filters; f++) One(source, offsets, weights + f * k, k, start is null ? 0 : start[f], least, most, target + f * stride, count);
    }

    private static void One(float* source, int* offsets, float* weights, long k, float start, float least, float most, float* target, long count)
    {
        // Eight sums at a time fill the adders, four nearly so; the last of either kind may do vectors again.
        long vectors = (count + V.Count - 1) / V.Count, done = 0;
        for (; vectors - done > 4 && vectors >= 8; done += 8) EightVectors(source, offsets, weights, k, start, least, most, target, Math.Min(done, vectors - 8));
        for (; vectors - done > 0 && vectors >= 4; done += 4) FourVectors(source, offsets, weights, k, start, least, most, target, Math.Min(done, vectors - 4));
        for (; done < vectors; done++)
        {
            float* from = source + done * V.Count;
            V p = V.Of(start);
            for (long i = 0; i < k; i++) p = V.Fma(V.Of(weights[i]), V.Load(from + offsets[i]), p);
            V.Max(V.Of(least), V.Min(V.Of(most), p)).Store(target + done * V.Count);
        }
    }

    private static void EightVectors(float* source, int* offsets, float* weights, long k, float start, float least, float most, float* target, long first)
    {
        source += first * V.Count;
        target += first * V.Count;
        V p0 = V.Of(start), p1 = p0, p2 = p0, p3 = p0, p4 = p0, p5 = p0, p6 = p0, p7 = p0;
        for (long i = 0; i < k; i++)
        {
            float* from = source + offsets[i];
            V w = V.Of(weights[i]);
            p0 = V.Fma(w, V.Load(from), p0);
            p1 = V.Fma(w, V.Load(from + V.Count), p1);
            p2 = V.Fma(w, V.Load(from + 2 * V.Count), p2);
            p3 = V.Fma(w, V.Load(from + 3 * V.Count), p3);
            p4 = V.Fma(w, V.Load(from + 4 * V.Count), p4);
            p5 = V.Fma(w, V.Load(from + 5 * V.Count), p5);
            p6 = V.Fma(w, V.Load(from + 6 * V.Count), p6);
            p7 = V.Fma(w, V.Load(from + 7 * V.Count), p7);
        }
        V low = V.Of(least), high = V.Of(most);
        V.Max(low, V.Min(high, p0)).Store(target);
        V.Max(low, V.Min(high, p1)).Store(target + V.Count);
        V.Max(low, V.Min(high, p2)).Store(target + 2 * V.Count);
        V.Max(low, V.Min(high, p3)).Store(target + 3 * V.Count);
        V.Max(low, V.Min(high, p4)).Store(target + 4 * V.Count);
        V.Max(low, V.Min(high, p5)).Store(target + 5 * V.Count);
        V.Max(low, V.Min(high, p6)).Store(target + 6 * V.Count);
        V.Max(low, V.Min(high, p7)).Store(target + 7 * V.Count);
    }

    private static void FourVectors(float* source, int* offsets, float* weights, long k, float start, float least, float most, float* target, long first)
    {
        source += first * V.Count;
        target += first * V.Count;
        V p0 = V.Of(start), p1 = p0, p2 = p0, p3 = p0;
        for (long i = 0; i < k; i++)
        {
            float* from = source + offsets[i];
            V w = V.Of(weights[i]);
            p0 = V.Fma(w, V.Load(from), p0);
            p1 = V.Fma(w, V.Load(from + V.Count), p1);
            p2 = V.Fma(w, V.Load(from + 2 * V.Count), p2);
            p3 = V.Fma(w, V.Load(from + 3 * V.Count), p3);
        }
        V low = V.Of(least), high = V.Of(most);
        V.Max(low, V.Min(high, p0)).Store(target);
        V.Max(low, V.Min(high, p1)).Store(target + V.Count);
        V.Max(low, V.Min(high, p2)).Store(target + 2 * V.Count);
        V.Max(low, V.Min(high, p3)).Store(target + 3 * V.Count);
    }

    private static void Four(float* source, int* offsets, float* weights, long k, float* start, float least, float most, float* target, long stride, long count)
    {
        // In memory: twelve sums and what they are made of take every register.
        float* constants = stackalloc float[Filters + 2];
        for (int f = 0; f < Filters; f++) constants[f] = start is null ? 0 : start[f];
        (constants[Filters], constants[Filters + 1]) = (least, most);
        float* weights1 = weights + k, weights2 = weights1 + k, weights3 = weights2 + k;
        // Two vectors of each keep the adders as busy as three: one is left alone only where there are no others.
        for (; count > 2 * V.Count && !(count > 3 * V.Count && count <= 4 * V.Count); count -= 3 * V.Count, source += 3 * V.Count, target += 3 * V.Count)
        {
            V p0 = V.Of(constants[0]), p1 = p0, p2 = p0, q0 = V.Of(constants[1]), q1 = q0, q2 = q0;
            V r0 = V.Of(constants[2]), r1 = r0, r2 = r0, s0 = V.Of(constants[3]), s1 = s0, s2 = s0;
            for (long i = 0; i < k; i++)
            {
                float* from = source + offsets[i];
                V x0 = V.Load(from), x1 = V.Load(from + V.Count), x2 = V.Load(from + 2 * V.Count), w = V.Of(weights[i]);
                p0 = V.Fma(w, x0, p0);
                p1 = V.Fma(w, x1, p1);
                p2 = V.Fma(w, x2, p2);
                w = V.Of(weights1[i]);
                q0 = V.Fma(w, x0, q0);
                q1 = V.Fma(w, x1, q1);
                q2 = V.Fma(w, x2, q2);
                w = V.Of(weights2[i]);
                r0 = V.Fma(w, x0, r0);
                r1 = V.Fma(w, x1, r1);
                r2 = V.Fma(w, x2, r2);
                w = V.Of(weights3[i]);
                s0 = V.Fma(w, x0, s0);
                s1 = V.Fma(w, x1, s1);
                s2 = V.Fma(w, x2, s2);
            }
            float* to = target;
            Clamped(p0, constants).Store(to);
            Clamped(p1, constants).Store(to + V.Count);
            Clamped(p2, constants).Store(to + 2 * V.Count);
            to += stride;
            Clamped(q0, constants).Store(to);
            Clamped(q1, constants).Store(to + V.Count);
            Clamped(q2, constants).Store(to + 2 * V.Count);
            to += stride;
            Clamped(r0, constants).Store(to);
            Clamped(r1, constants).Store(to + V.Count);
            Clamped(r2, constants).Store(to + 2 * V.Count);
            to += stride;
            Clamped(s0, constants).Store(to);
            Clamped(s1, constants).Store(to + V.Count);
            Clamped(s2, constants).Store(to + 2 * V.Count);
        }
        for (; count > V.Count; count -= 2 * V.Count, source += 2 * V.Count, target += 2 * V.Count)
        {
            V p0 = V.Of(constants[0]), p1 = p0, q0 = V.Of(constants[1]), q1 = q0, r0 = V.Of(constants[2]), r1 = r0, s0 = V.Of(constants[3]), s1 = s0;
            for (long i = 0; i < k; i++)
            {
                float* from = source + offsets[i];
                V x0 = V.Load(from), x1 = V.Load(from + V.Count), w = V.Of(weights[i]);
                p0 = V.Fma(w, x0, p0);
                p1 = V.Fma(w, x1, p1);
                w = V.Of(weights1[i]);
                q0 = V.Fma(w, x0, q0);
                q1 = V.Fma(w, x1, q1);
                w = V.Of(weights2[i]);
                r0 = V.Fma(w, x0, r0);
                r1 = V.Fma(w, x1, r1);
                w = V.Of(weights3[i]);
                s0 = V.Fma(w, x0, s0);
                s1 = V.Fma(w, x1, s1);
            }
            float* to = target;
            Clamped(p0, constants).Store(to);
            Clamped(p1, constants).Store(to + V.Count);
            to += stride;
            Clamped(q0, constants).Store(to);
            Clamped(q1, constants).Store(to + V.Count);
            to += stride;
            Clamped(r0, constants).Store(to);
            Clamped(r1, constants).Store(to + V.Count);
            to += stride;
            Clamped(s0, constants).Store(to);
            Clamped(s1, constants).Store(to + V.Count);
        }
        for (; count > 0; count -= V.Count, source += V.Count, target += V.Count)
        {
            V p = V.Of(constants[0]), q = V.Of(constants[1]), r = V.Of(constants[2]), s = V.Of(constants[3]);
            for (long i = 0; i < k; i++)
            {
                V x = V.Load(source + offsets[i]);
                p = V.Fma(V.Of(weights[i]), x, p);
                q = V.Fma(V.Of(weights1[i]), x, q);
                r = V.Fma(V.Of(weights2[i]), x, r);
                s = V.Fma(V.Of(weights3[i]), x, s);
            }
            Clamped(p, constants).Store(target);
            Clamped(q, constants).Store(target + stride);
            Clamped(r, constants).Store(target + 2 * stride);
            Clamped(s, constants).Store(target + 3 * stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Clamped(V sum, float* constants) => V.Max(V.Of(constants[Filters]), V.Min(V.Of(constants[Filters + 1]), sum));
}

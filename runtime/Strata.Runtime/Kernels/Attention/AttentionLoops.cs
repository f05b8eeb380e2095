using Strata.Kernels.Simd;

namespace Strata.Kernels.Attention;

/// <summary>Loops over the scores of one query, and products for so few queries that nothing is packed.</summary>
internal static unsafe class AttentionLoops<V> where V : struct, ISimd<V>
{
    /// <summary>scores[j] = scale · q · keys[j].</summary>
    public static void Dots(float* q, float* keys, long stride, int count, int size, float scale, float* scores)
    {
        for (int j = 0; j < count; j++, keys += stride)
        {
            V a = V.Of(0), b = a;
            int i = 0;
            for (; i <= size - 2 * V.Count; i += 2 * V.Count)
            {
                a = V.Fma(V.Load(q + i), V.Load(keys + i), a);
                b = V.Fma(V.Load(q + i + V.Count), V.Load(keys + i + V.Count), b);
            }
            if (i <= size - V.Count)
            {
                a = V.Fma(V.Load(q + i), V.Load(keys + i), a);
                i += V.Count;
            }
            float sum = (a + b).Sum();
            for (; i < size; i++) sum = MathF.FusedMultiplyAdd(q[i], keys[i], sum);
            scores[j] = scale * sum;
        }
    }

    /// <summary>sums += Σ weights[j] · values[j].</summary>
    public static void AddWeighted(float* weights, float* values, long stride, int count, int size, float* sums)
    {
        int j = 0;
        for (; j <= count - 4; j += 4, values += 4 * stride)
        {
            float w0 = weights[j], w1 = weights[j + 1], w2 = weights[j + 2], w3 = weights[j + 3];
            float* v1 = values + stride, v2 = v1 + stride, v3 = v2 + stride;
            int i = 0;
            for (; i <= size - V.Count; i += V.Count)
            {
                V low = V.Fma(V.Of(w1), V.Load(v1 + i), V.Of(w0) * V.Load(values + i)), high = V.Fma(V.Of(w3), V.Load(v3 + i), V.Of(w2) * V.Load(v2 + i));
                (V.Load(sums + i) + (low + high)).Store(sums + i);
            }
            for (; i < size; i++) sums[i] += MathF.FusedMultiplyAdd(w1, v1[i], w0 * values[i]) + MathF.FusedMultiplyAdd(w3, v3[i], w2 * v2[i]);
        }
        for (; j < count; j++, values += stride)
        {
            int i = 0;
            for (; i <= size - V.Count; i += V.Count) V.Fma(V.Of(weights[j]), V.Load(values + i), V.Load(sums + i)).Store(sums + i);
            for (; i < size; i++) sums[i] = MathF.FusedMultiplyAdd(weights[j], values[i], sums[i]);
        }
    }

    /// <summary>x = cap · tanh(x / cap).</summary>
    public static void Cap(float* x, int count, float cap)
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) (V.Of(cap) * SimdMath.Tanh(V.Load(x + i) / V.Of(cap))).Store(x + i);
        for (; i < count; i++) (F32.Of(cap) * SimdMath.Tanh(F32.Of(x[i] / cap))).Store(x + i);
    }

    /// <summary>x = clip((high − low) · x / total + low, 0, 1); NaN stays.</summary>
    public static void Stretch(float* x, int count, float total, float low, float high)
    {
        float factor = (high - low) / total;
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) Clipped<V>(x + i).Store(x + i);
        for (; i < count; i++) Clipped<F32>(x + i).Store(x + i);

        W Clipped<W>(float* at) where W : struct, ISimd<W> => W.Min(W.Of(1), W.Max(W.Of(0), W.Fma(W.Load(at), W.Of(factor), W.Of(low))));
    }

    /// <summary>x += addend; a score that gets −∞ is −∞ whatever it was.</summary>
    public static void Add(float* x, float* addend, int count)
    {
        V least = V.Of(float.NegativeInfinity);
        int i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            V y = V.Load(addend + i);
            V.Select(V.Equal(y, least), y, V.Load(x + i) + y).Store(x + i);
        }
        for (; i < count; i++) x[i] = float.IsNegativeInfinity(addend[i]) ? addend[i] : x[i] + addend[i];
    }

    /// <summary>x = −∞ where the flag is zero.</summary>
    public static void Exclude(float* x, byte* flags, int count)
    {
        V least = V.Of(float.NegativeInfinity), zero = V.Of(0);
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) V.Select(V.Equal(V.FromInt(V.LoadBits(flags + i)), zero), least, V.Load(x + i)).Store(x + i);
        for (; i < count; i++) x[i] = flags[i] == 0 ? float.NegativeInfinity : x[i];
    }
}

using Strata.Kernels.Simd;

namespace Strata.Kernels.Normalization;

/// <summary>The loops of softmax over elements that follow one another.</summary>
internal static unsafe class SoftmaxLoops<V> where V : struct, ISimd<V>
{
    /// <summary>The greatest element, −∞ of none. NaN is passed over: it comes back with its exponential.</summary>
    public static float Largest(float* x, int count)
    {
        V largest = V.Of(float.NegativeInfinity);
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) largest = V.Max(V.Load(x + i), largest);
        float* lanes = stackalloc float[V.Count];
        largest.Store(lanes);
        float result = float.NegativeInfinity;
        for (int k = 0; k < V.Count; k++) result = lanes[k] > result ? lanes[k] : result;
        for (; i < count; i++) result = x[i] > result ? x[i] : result;
        return result;
    }

    /// <summary>y = exp(x − largest), which may be x; returns its sum.</summary>
    public static float Exponentials(float* x, float* y, int count, float largest)
    {
        V total = V.Of(0), shift = V.Of(largest);
        int i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            V e = SimdMath.Exp(V.Load(x + i) - shift);
            e.Store(y + i);
            total += e;
        }
        float sum = total.Sum();
        for (; i < count; i++)
        {
            F32 e = SimdMath.Exp(F32.Of(x[i] - largest));
            e.Store(y + i);
            sum += y[i];
        }
        return sum;
    }

    /// <summary>y = factor · x, which may be y.</summary>
    public static void Scale(float* x, float* y, int count, float factor)
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) (V.Load(x + i) * V.Of(factor)).Store(y + i);
        for (; i < count; i++) y[i] = x[i] * factor;
    }
}

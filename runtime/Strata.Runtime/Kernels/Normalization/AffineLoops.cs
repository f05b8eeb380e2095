using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Normalization;

/// <summary>The last step of every normalisation.</summary>
internal static unsafe class AffineLoops<V> where V : struct, ISimd<V>
{
    /// <summary>y = (x − center) · scale + bias.</summary>
    public static void Uniform(float* x, float* y, int count, float center, float scale, float bias)
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) V.Fma(V.Load(x + i) - V.Of(center), V.Of(scale), V.Of(bias)).Store(y + i);
        for (; i < count; i++) y[i] = MathF.FusedMultiplyAdd(x[i] - center, scale, bias);
    }

    /// <summary>y = (x − center) · inverse · scale + bias element by element; no bias where it is null.</summary>
    public static void PerElement(float* x, float* y, int count, float center, float inverse, float* scale, float* bias)
    {
        int i = 0;
        if (bias is null)
        {
            for (; i <= count - V.Count; i += V.Count) ((V.Load(x + i) - V.Of(center)) * V.Of(inverse) * V.Load(scale + i)).Store(y + i);
            for (; i < count; i++) y[i] = (x[i] - center) * inverse * scale[i];
            return;
        }
        for (; i <= count - V.Count; i += V.Count) V.Fma((V.Load(x + i) - V.Of(center)) * V.Of(inverse), V.Load(scale + i), V.Load(bias + i)).Store(y + i);
        for (; i < count; i++) y[i] = MathF.FusedMultiplyAdd((x[i] - center) * inverse, scale[i], bias[i]);
    }
}

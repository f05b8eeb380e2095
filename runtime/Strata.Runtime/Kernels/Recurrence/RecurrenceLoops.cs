using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Recurrence;

/// <summary>Loops over the gates of one batch row. Bounds pass NaN on.</summary>
internal static unsafe class RecurrenceLoops<V> where V : struct, ISimd<V>
{
    /// <summary>z = bound(z + x).</summary>
    public static void Add(float* z, float* x, int count, float bound)
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) Bound(V.Load(z + i) + V.Load(x + i), V.Of(bound)).Store(z + i);
        for (; i < count; i++) Bound(F32.Of(z[i] + x[i]), F32.Of(bound)).Store(z + i);
    }

    /// <summary>z = bound(a · b + z + x).</summary>
    public static void AddProduct(float* a, float* b, float* z, float* x, int count, float bound)
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) Bound(V.Fma(V.Load(a + i), V.Load(b + i), V.Load(z + i) + V.Load(x + i)), V.Of(bound)).Store(z + i);
        for (; i < count; i++) Bound(F32.Fma(F32.Of(a[i]), F32.Of(b[i]), F32.Of(z[i] + x[i])), F32.Of(bound)).Store(z + i);
    }

    /// <summary>z = bound(a · z + x).</summary>
    public static void ScaleAdd(float* a, float* z, float* x, int count, float bound)
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) Bound(V.Fma(V.Load(a + i), V.Load(z + i), V.Load(x + i)), V.Of(bound)).Store(z + i);
        for (; i < count; i++) Bound(F32.Fma(F32.Of(a[i]), F32.Of(z[i]), F32.Of(x[i])), F32.Of(bound)).Store(z + i);
    }

    /// <summary>to = a · b.</summary>
    public static void Multiply(float* a, float* b, float* to, int count)
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) (V.Load(a + i) * V.Load(b + i)).Store(to + i);
        for (; i < count; i++) to[i] = a[i] * b[i];
    }

    /// <summary>to = 1 − a.</summary>
    public static void Complement(float* a, float* to, int count)
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) (V.Of(1f) - V.Load(a + i)).Store(to + i);
        for (; i < count; i++) to[i] = 1 - a[i];
    }

    /// <summary>y = a · x + b · y.</summary>
    public static void Blend(float* a, float* x, float* b, float* y, int count)
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) V.Fma(V.Load(a + i), V.Load(x + i), V.Load(b + i) * V.Load(y + i)).Store(y + i);
        for (; i < count; i++) F32.Fma(F32.Of(a[i]), F32.Of(x[i]), F32.Of(b[i] * y[i])).Store(y + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Bound<T>(T x, T bound) where T : struct, ISimd<T> => T.Max(-bound, T.Min(bound, x));
}

using System.Runtime.CompilerServices;
using Strata.Kernels.Elementwise;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Reduction;

/// <summary>Σ x.</summary>
internal readonly struct SumOf : IReducer
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<V>(V total, V x) where V : struct, ISimd<V> => total + x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Join<V>(V a, V b) where V : struct, ISimd<V> => a + b;

    public static float Finish(float total, int count) => total;
}

/// <summary>Σ x / n.</summary>
internal readonly struct MeanOf : IReducer
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<V>(V total, V x) where V : struct, ISimd<V> => total + x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Join<V>(V a, V b) where V : struct, ISimd<V> => a + b;

    public static float Finish(float total, int count) => total / count;
}

/// <summary>Π x.</summary>
internal readonly struct ProductOf : IReducer
{
    public static float Start => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<V>(V total, V x) where V : struct, ISimd<V> => total * x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Join<V>(V a, V b) where V : struct, ISimd<V> => a * b;

    public static float Finish(float total, int count) => total;
}

/// <summary>The greatest element; NaN where there is one.</summary>
internal readonly struct LargestOf : IReducer
{
    public static float Start => float.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<V>(V total, V x) where V : struct, ISimd<V> => MaxOp.Invoke(total, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Join<V>(V a, V b) where V : struct, ISimd<V> => MaxOp.Invoke(a, b);

    public static float Finish(float total, int count) => total;
}

/// <summary>The least element; NaN where there is one.</summary>
internal readonly struct LeastOf : IReducer
{
    public static float Start => float.PositiveInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<V>(V total, V x) where V : struct, ISimd<V> => MinOp.Invoke(total, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Join<V>(V a, V b) where V : struct, ISimd<V> => MinOp.Invoke(a, b);

    public static float Finish(float total, int count) => total;
}

/// <summary>Σ |x|.</summary>
internal readonly struct MagnitudeOf : IReducer
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<V>(V total, V x) where V : struct, ISimd<V> => total + V.Abs(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Join<V>(V a, V b) where V : struct, ISimd<V> => a + b;

    public static float Finish(float total, int count) => total;
}

/// <summary>√Σ x².</summary>
internal readonly struct LengthOf : IReducer
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<V>(V total, V x) where V : struct, ISimd<V> => V.Fma(x, x, total);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Join<V>(V a, V b) where V : struct, ISimd<V> => a + b;

    public static float Finish(float total, int count) => MathF.Sqrt(total);
}

/// <summary>Σ x².</summary>
internal readonly struct SquaresOf : IReducer
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<V>(V total, V x) where V : struct, ISimd<V> => V.Fma(x, x, total);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Join<V>(V a, V b) where V : struct, ISimd<V> => a + b;

    public static float Finish(float total, int count) => total;
}

/// <summary>ln Σ x.</summary>
internal readonly struct LogOfSum : IReducer
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<V>(V total, V x) where V : struct, ISimd<V> => total + x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Join<V>(V a, V b) where V : struct, ISimd<V> => a + b;

    public static float Finish(float total, int count) => (float)Math.Log(total);
}

using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Elementwise;

/// <summary>|x|.</summary>
internal readonly struct AbsOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Abs(x);
}

/// <summary>−x.</summary>
internal readonly struct NegOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => -x;
}

/// <summary>−1, 0 or 1; NaN stays NaN.</summary>
internal readonly struct SignOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Select(V.Less(V.Of(0f), x), V.Of(1f), V.Select(V.Less(x, V.Of(0f)), V.Of(-1f), x + V.Of(0f)));
}

/// <summary>⌊x⌋.</summary>
internal readonly struct FloorOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Floor(x);
}

/// <summary>⌈x⌉.</summary>
internal readonly struct CeilOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Ceil(x);
}

/// <summary>The nearest integer, ties to even.</summary>
internal readonly struct RoundOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Round(x);
}

/// <summary>√x.</summary>
internal readonly struct SqrtOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Sqrt(x);
}

/// <summary>x to the power of ½, which unlike √x is +0 for −0 and +∞ for −∞.</summary>
internal readonly struct RootOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Select(V.Equal(x, V.Of(float.NegativeInfinity)), V.Of(float.PositiveInfinity), V.Sqrt(x + V.Of(0f)));
}

/// <summary>1 / x.</summary>
internal readonly struct ReciprocalOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Of(1f) / x;
}

/// <summary>x².</summary>
internal readonly struct SquareOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => x * x;
}

/// <summary>x³.</summary>
internal readonly struct CubeOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => x * x * x;
}

/// <summary>min(max(x, least), most).</summary>
internal readonly struct ClampOp(float least, float most) : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Min(V.Of(most), V.Max(V.Of(least), x));
}

/// <summary>x from zero on, alpha · x below.</summary>
internal readonly struct LeakyReluOp(float alpha) : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Select(V.Less(x, V.Of(0f)), V.Of(alpha) * x, x);
}

/// <summary>x above alpha, 0 elsewhere.</summary>
internal readonly struct ThresholdedReluOp(float alpha) : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Select(V.LessOrEqual(x, V.Of(alpha)), V.Of(0f), x);
}

/// <summary>x from zero on, alpha · (eˣ − 1) below.</summary>
internal readonly struct EluOp(float alpha) : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Select(V.Less(x, V.Of(0f)), V.Of(alpha) * SimdMath.ExpM1(x), x);
}

/// <summary>x from zero on, alpha · (e^(x/alpha) − 1) below, summed as the definition does.</summary>
internal readonly struct CeluOp(float alpha) : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Max(V.Of(0f), x) + V.Min(V.Of(0f), V.Of(alpha) * SimdMath.ExpM1(x / V.Of(alpha)));
}

/// <summary>gamma · x above zero, gamma · alpha · (eˣ − 1) elsewhere.</summary>
internal readonly struct SeluOp(float alpha, float gamma) : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Of(gamma) * V.Select(V.Less(V.Of(0f), x), x, V.Of(alpha) * SimdMath.ExpM1(x));
}

/// <summary>max(0, min(1, alpha · x + beta)).</summary>
internal readonly struct HardSigmoidOp(float alpha, float beta) : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => V.Max(V.Of(0f), V.Min(V.Of(1f), V.Fma(V.Of(alpha), x, V.Of(beta))));
}

/// <summary>x · max(0, min(1, x/6 + ½)).</summary>
internal readonly struct HardSwishOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => x * V.Max(V.Of(0f), V.Min(V.Of(1f), V.Fma(x, V.Of(1f / 6), V.Of(0.5f))));
}

/// <summary>x · sigmoid(alpha · x).</summary>
internal readonly struct SwishOp(float alpha) : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => x * SimdMath.Sigmoid(V.Of(alpha) * x);
}

/// <summary>x · tanh(ln(1 + eˣ)).</summary>
internal readonly struct MishOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => x * SimdMath.Tanh(SimdMath.Softplus(x));
}

/// <summary>x / (1 + |x|).</summary>
internal readonly struct SoftsignOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => x / (V.Of(1f) + V.Abs(x));
}

/// <summary>eˣ.</summary>
internal readonly struct ExpOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => SimdMath.Exp(x);
}

/// <summary>ln x.</summary>
internal readonly struct LogOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => SimdMath.Log(x);
}

/// <summary>The error function.</summary>
internal readonly struct ErfOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => SimdMath.Erf(x);
}

/// <summary>The hyperbolic tangent.</summary>
internal readonly struct TanhOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => SimdMath.Tanh(x);
}

/// <summary>1 / (1 + e^−x).</summary>
internal readonly struct SigmoidOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => SimdMath.Sigmoid(x);
}

/// <summary>ln(1 + eˣ).</summary>
internal readonly struct SoftplusOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => SimdMath.Softplus(x);
}

/// <summary>x · Φ(x).</summary>
internal readonly struct GeluOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => SimdMath.Gelu(x);
}

/// <summary>x · Φ(x), approximated by tanh.</summary>
internal readonly struct GeluTanhOp : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V>(V x) where V : struct, ISimd<V> => SimdMath.GeluTanh(x);
}

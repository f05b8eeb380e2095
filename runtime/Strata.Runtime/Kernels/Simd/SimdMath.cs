using System.Runtime.CompilerServices;

namespace Strata.Kernels.Simd;

/// <summary>
/// Functions of f32 vectors of any width, inlined into the loop that uses them; the same bits at every width. Bounds are in
/// units of the last place (ulp) of the exact result over all f32; NaN gives NaN. Polynomials are Chebyshev fits.
/// </summary>
internal static class SimdMath
{
    private const float Log2E = 1.44269502f, Ln2High = 0.693115234375f, Ln2Low = 3.19461833e-5f;
    private const int SignBit = int.MinValue, ExponentBias = 127, MantissaBits = 23;

    /// <summary>eˣ, to 1 ulp; underflow is gradual.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x) where V : struct, ISimd<V>
    {
        x = V.Max(V.Of(-104f), V.Min(V.Of(89f), x));
        V n = V.Round(x * V.Of(Log2E));
        V p = ExpM1Reduced(Reduce(x, n)) + V.Of(1f);
        // 2ⁿ in two factors: n reaches beyond the exponents of f32 on both sides.
        V whole = V.ToInt(n), half = V.ShiftRight(whole, 1);
        return p * PowerOfTwo(half) * PowerOfTwo(V.SubtractBits(whole, half));
    }

    /// <summary>eˣ − 1, to 2 ulp; +0 for −0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpM1<V>(V x) where V : struct, ISimd<V>
    {
        x = V.Max(V.Of(-18f), V.Min(V.Of(89f), x));
        V n = V.Round(x * V.Of(Log2E));
        V p = ExpM1Reduced(Reduce(x, n));
        V whole = V.ToInt(n), half = V.ShiftRight(whole, 1), rest = V.SubtractBits(whole, half);
        V scale = PowerOfTwo(half), one = PowerOfTwo(V.SubtractBits(V.OfBits(0), rest));
        return V.Fma(p, scale, scale - one) * PowerOfTwo(rest);
    }

    /// <summary>The natural logarithm, to 2 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<V>(V x) where V : struct, ISimd<V>
    {
        V subnormal = V.Less(x, V.Of(1.17549435e-38f));
        V scaled = V.Select(subnormal, x * V.Of(8388608f), x);
        // scaled = m · 2ⁿ with m in [√½, √2).
        V n = V.ShiftRight(V.SubtractBits(scaled, V.OfBits(0x3f3504f3)), MantissaBits);
        V f = V.SubtractBits(scaled, V.ShiftLeft(n, MantissaBits)) - V.Of(1f);
        n = V.FromInt(n) - (subnormal & V.Of(MantissaBits));
        V p = V.Of(0.0714975372f);
        p = V.Fma(p, f, V.Of(-0.115712009f));
        p = V.Fma(p, f, V.Of(0.116615109f));
        p = V.Fma(p, f, V.Of(-0.124110505f));
        p = V.Fma(p, f, V.Of(0.142499372f));
        p = V.Fma(p, f, V.Of(-0.166684806f));
        p = V.Fma(p, f, V.Of(0.200007081f));
        p = V.Fma(p, f, V.Of(-0.249999896f));
        p = V.Fma(p, f, V.Of(0.333333313f));
        V square = f * f;
        V low = V.Fma(n, V.Of(Ln2Low), square * f * p);
        V result = V.Fma(n, V.Of(Ln2High), V.Fma(square, V.Of(-0.5f), low) + f);
        result = V.Select(V.Equal(x, V.Of(float.PositiveInfinity)), x, result);
        V outside = V.Select(V.Equal(x, V.Of(0f)), V.Of(float.NegativeInfinity), V.Of(float.NaN));
        return V.Select(V.Less(V.Of(0f), x), result, outside);
    }

    /// <summary>tanh x, to 3 ulp; −0 for −0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V>(V x) where V : struct, ISimd<V>
    {
        // From 9.1 on the result rounds to 1.
        V magnitude = V.Min(V.Of(9.1f), V.Abs(x));
        V e = ExpM1(magnitude + magnitude);
        return e / (e + V.Of(2f)) | (x & V.OfBits(SignBit));
    }

    /// <summary>1 / (1 + e^−x), to 3 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x) where V : struct, ISimd<V>
    {
        V e = Exp(V.Min(V.Of(88f), x));
        return e / (V.Of(1f) + e);
    }

    /// <summary>ln(1 + eˣ), to 3 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Softplus<V>(V x) where V : struct, ISimd<V>
    {
        V e = Exp(-V.Abs(x)), sum = V.Of(1f) + e;
        // What rounding took from the sum comes back to first order.
        V log = Log(sum) + (e - (sum - V.Of(1f))) / sum;
        return V.Max(V.Of(0f), x) + log;
    }

    /// <summary>The error function, to 3 ulp; −0 for −0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf<V>(V x) where V : struct, ISimd<V>
    {
        V magnitude = V.Abs(x), square = x * x;
        V near = V.Of(8.21838257e-5f);
        near = V.Fma(near, square, V.Of(-0.000810656988f));
        near = V.Fma(near, square, V.Of(0.00519783888f));
        near = V.Fma(near, square, V.Of(-0.0268581137f));
        near = V.Fma(near, square, V.Of(0.112836726f));
        near = V.Fma(near, square, V.Of(-0.376126319f));
        near = V.Fma(near, square, V.Of(1.12837923f));
        // ln erfc; from 4 on the result rounds to 1.
        V t = V.Min(V.Of(4f), magnitude);
        V far = V.Of(1.61024047e-6f);
        far = V.Fma(far, t, V.Of(-4.55127738e-5f));
        far = V.Fma(far, t, V.Of(0.000592092751f));
        far = V.Fma(far, t, V.Of(-0.00473695062f));
        far = V.Fma(far, t, V.Of(0.0263551213f));
        far = V.Fma(far, t, V.Of(-0.109960802f));
        far = V.Fma(far, t, V.Of(-0.63195622f));
        far = V.Fma(far, t, V.Of(-1.13015509f));
        far = V.Fma(far, t, V.Of(0.000300268817f));
        V result = V.Select(V.Less(magnitude, V.Of(0.92f)), near * magnitude, V.Of(1f) - Exp(far));
        return result | (x & V.OfBits(SignBit));
    }

    /// <summary>x · Φ(x), to 2⁻²² · |x|; 0 for −∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gelu<V>(V x) where V : struct, ISimd<V>
    {
        V finite = V.Max(V.Of(-float.MaxValue), x);
        return finite * V.Of(0.5f) * (V.Of(1f) + Erf(x * V.Of(0.707106769f)));
    }

    /// <summary>x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), to 2⁻²² · |x|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GeluTanh<V>(V x) where V : struct, ISimd<V>
    {
        V inner = V.Fma(x * x * x, V.Of(0.044715f), x) * V.Of(0.797884583f);
        return x * V.Of(0.5f) * (V.Of(1f) + Tanh(inner));
    }

    // x − n · ln 2, in [−½ ln 2, ½ ln 2] but for rounding.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Reduce<V>(V x, V n) where V : struct, ISimd<V> => V.Fma(n, V.Of(-Ln2Low), V.Fma(n, V.Of(-Ln2High), x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpM1Reduced<V>(V r) where V : struct, ISimd<V>
    {
        V p = V.Of(0.00139336521f);
        p = V.Fma(p, r, V.Of(0.00836318173f));
        p = V.Fma(p, r, V.Of(0.0416664667f));
        p = V.Fma(p, r, V.Of(0.166665763f));
        p = V.Fma(p, r, V.Of(0.5f));
        return V.Fma(r * r, p, r);
    }

    // 2ⁿ of the bits of an integer n in [−126, 127].
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V PowerOfTwo<V>(V n) where V : struct, ISimd<V> => V.ShiftLeft(V.AddBits(n, V.OfBits(ExponentBias)), MantissaBits);
}

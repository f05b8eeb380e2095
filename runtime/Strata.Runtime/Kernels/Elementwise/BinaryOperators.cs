using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Elementwise;

/// <summary>a + b.</summary>
internal readonly struct AddOp : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Invoke<V>(V a, V b) where V : struct, ISimd<V> => a + b;
}

/// <summary>a − b.</summary>
internal readonly struct SubOp : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Invoke<V>(V a, V b) where V : struct, ISimd<V> => a - b;
}

/// <summary>a · b.</summary>
internal readonly struct MulOp : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Invoke<V>(V a, V b) where V : struct, ISimd<V> => a * b;
}

/// <summary>a / b.</summary>
internal readonly struct DivOp : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Invoke<V>(V a, V b) where V : struct, ISimd<V> => a / b;
}

/// <summary>The greater; NaN where either is, +0 above −0.</summary>
internal readonly struct MaxOp : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Invoke<V>(V a, V b) where V : struct, ISimd<V> => V.Select(V.Equal(a, b), a & b, V.Select(V.Equal(a, a), V.Max(a, b), a));
}

/// <summary>The lesser; NaN where either is, −0 below +0.</summary>
internal readonly struct MinOp : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Invoke<V>(V a, V b) where V : struct, ISimd<V> => V.Select(V.Equal(a, b), a | b, V.Select(V.Equal(a, a), V.Min(a, b), a));
}

/// <summary>(a + b) / 2.</summary>
internal readonly struct MeanOp : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Invoke<V>(V a, V b) where V : struct, ISimd<V> => (a + b) * V.Of(0.5f);
}

/// <summary>a from zero on, b · a below.</summary>
internal readonly struct PReluOp : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Invoke<V>(V a, V b) where V : struct, ISimd<V> => V.Select(V.Less(a, V.Of(0f)), b * a, a);
}

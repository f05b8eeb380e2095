using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Strata.Kernels.Elementwise;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Conversion;

/// <summary>f32 to codes between two numbers: operands x, scale, zero-point (or none).</summary>
internal sealed unsafe class QuantizeTo<T, TCode>(float least, float most) : ElementFunction where T : unmanaged where TCode : struct, IElements<T>
{
    public override void Apply(byte* a, byte* b, byte* c, int moving, byte* results, int count)
    {
        if (Vector512.IsHardwareAccelerated) Run<F512>((float*)a, (float*)b, (T*)c, moving, (T*)results, count);
        else if (Vector256.IsHardwareAccelerated) Run<F256>((float*)a, (float*)b, (T*)c, moving, (T*)results, count);
        else if (Vector128.IsHardwareAccelerated) Run<F128>((float*)a, (float*)b, (T*)c, moving, (T*)results, count);
        else Run<F32>((float*)a, (float*)b, (T*)c, moving, (T*)results, count);
    }

    private void Run<V>(float* x, float* scale, T* zero, int moving, T* y, int count) where V : struct, ISimd<V>
    {
        bool moves = (moving & 2) != 0;
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) TCode.Store(Code(V.Load(x + i), Parameters.Of<float, F32Elements, V>(scale, moves, i, 1), Parameters.Of<T, TCode, V>(zero, moves, i, 0)), y + i);
        for (; i < count; i++) TCode.Store(Code(F32.Load(x + i), Parameters.Of<float, F32Elements, F32>(scale, moves, i, 1), Parameters.Of<T, TCode, F32>(zero, moves, i, 0)), y + i);
    }

    // NaN gives the least code.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Code<V>(V x, V scale, V zero) where V : struct, ISimd<V> => V.Min(V.Max(V.Round(x / scale) + zero, V.Of(least)), V.Of(most));
}

/// <summary>Codes to f32: operands codes, scale, zero-point (or none).</summary>
internal sealed unsafe class DequantizeFrom<T, TCode> : ElementFunction where T : unmanaged where TCode : struct, IElements<T>
{
    public override void Apply(byte* a, byte* b, byte* c, int moving, byte* results, int count)
    {
        if (Vector512.IsHardwareAccelerated) Run<F512>((T*)a, (float*)b, (T*)c, moving, (float*)results, count);
        else if (Vector256.IsHardwareAccelerated) Run<F256>((T*)a, (float*)b, (T*)c, moving, (float*)results, count);
        else if (Vector128.IsHardwareAccelerated) Run<F128>((T*)a, (float*)b, (T*)c, moving, (float*)results, count);
        else Run<F32>((T*)a, (float*)b, (T*)c, moving, (float*)results, count);
    }

    private static void Run<V>(T* x, float* scale, T* zero, int moving, float* y, int count) where V : struct, ISimd<V>
    {
        bool moves = (moving & 2) != 0;
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) Number(TCode.Load<V>(x + i), Parameters.Of<float, F32Elements, V>(scale, moves, i, 1), Parameters.Of<T, TCode, V>(zero, moves, i, 0)).Store(y + i);
        for (; i < count; i++) Number(TCode.Load<F32>(x + i), Parameters.Of<float, F32Elements, F32>(scale, moves, i, 1), Parameters.Of<T, TCode, F32>(zero, moves, i, 0)).Store(y + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Number<V>(V code, V scale, V zero) where V : struct, ISimd<V> => (code - zero) * scale;
}

/// <summary>Reads scales and zero-points.</summary>
internal static unsafe class Parameters
{
    /// <summary>The parameters from element i on, or the one that serves all, or <paramref name="absent"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<T, TElements, V>(T* from, bool moves, int i, float absent) where T : unmanaged where TElements : struct, IElements<T> where V : struct, ISimd<V>
    {
        if (from == null) return V.Of(absent);
        if (moves) return TElements.Load<V>(from + i);
        F32 one = TElements.Load<F32>(from);
        return V.Of(one.Sum());
    }
}

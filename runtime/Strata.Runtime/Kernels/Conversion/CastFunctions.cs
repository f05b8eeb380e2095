using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Strata.Kernels.Elementwise;
using Strata.Kernels.Simd;
using Strata.Tensors;

namespace Strata.Kernels.Conversion;

/// <summary>Converts elements by way of f32, which holds every number of the narrower type, in the widest vectors of the machine.</summary>
internal sealed unsafe class Recast<T, TFrom, TResult, TTo> : ElementFunction where T : unmanaged where TResult : unmanaged where TFrom : struct, IElements<T> where TTo : struct, IElements<TResult>
{
    public override void Apply(byte* a, byte* b, byte* c, int moving, byte* results, int count)
    {
        if (Vector512.IsHardwareAccelerated) Run<F512>((T*)a, (TResult*)results, count);
        else if (Vector256.IsHardwareAccelerated) Run<F256>((T*)a, (TResult*)results, count);
        else if (Vector128.IsHardwareAccelerated) Run<F128>((T*)a, (TResult*)results, count);
        else Run<F32>((T*)a, (TResult*)results, count);
    }

    private static void Run<V>(T* x, TResult* y, int count) where V : struct, ISimd<V>
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) TTo.Store(TFrom.Load<V>(x + i), y + i);
        for (; i < count; i++) TTo.Store(TFrom.Load<F32>(x + i), y + i);
    }
}

/// <summary>A cast of one number.</summary>
internal readonly struct CastOf<T, TResult> : IMap<T, TResult> where T : unmanaged, INumber<T> where TResult : unmanaged, INumber<TResult>
{
    private static bool IsReal<TNumber>() => typeof(TNumber) == typeof(float) || typeof(TNumber) == typeof(double) || typeof(TNumber) == typeof(Half);

    // Floats become the nearest i64 toward zero, of which integers keep the low bits.
    public static TResult Invoke(T x) =>
        !IsReal<T>() || IsReal<TResult>() || typeof(TResult) == typeof(ulong) && x >= T.Zero ? IsReal<T>() ? TResult.CreateSaturating(x) : TResult.CreateTruncating(x)
        : TResult.CreateTruncating(long.CreateSaturating(x));
}

/// <summary>The function of a cast between two types.</summary>
internal static class CastFunctions
{
    /// <summary>The function, or null when there is none.</summary>
    public static ElementFunction? Of(ElementType from, ElementType to) => from == to ? Copy(to) : Vectors(from, to) ?? from switch
    {
        ElementType.Float32 => To<float>(to),
        ElementType.Float64 => To<double>(to),
        ElementType.Float16 => To<Half>(to),
        ElementType.Int64 => To<long>(to),
        ElementType.UInt64 => To<ulong>(to),
        ElementType.Int32 => To<int>(to),
        ElementType.UInt32 => To<uint>(to),
        ElementType.Int16 => To<short>(to),
        ElementType.UInt16 => To<ushort>(to),
        ElementType.Int8 => To<sbyte>(to),
        ElementType.UInt8 or ElementType.Bool => To<byte>(to),
        _ => null,
    };

    private static ElementFunction? Copy(ElementType type) => type == ElementType.String ? null : type.Bits() switch
    {
        8 => new Same<byte>(),
        16 => new Same<ushort>(),
        32 => new Same<uint>(),
        64 => new Same<ulong>(),
        _ => null,
    };

    private static ElementFunction? Vectors(ElementType from, ElementType to) => (from, to) switch
    {
        (ElementType.Float32, ElementType.Float16) => new Recast<float, F32Elements, Half, F16Elements>(),
        (ElementType.Float32, ElementType.BFloat16) => new Recast<float, F32Elements, ushort, BF16Elements>(),
        (ElementType.Float16, ElementType.Float32) => new Recast<Half, F16Elements, float, F32Elements>(),
        (ElementType.Float16, ElementType.BFloat16) => new Recast<Half, F16Elements, ushort, BF16Elements>(),
        (ElementType.BFloat16, ElementType.Float32) => new Recast<ushort, BF16Elements, float, F32Elements>(),
        (ElementType.BFloat16, ElementType.Float16) => new Recast<ushort, BF16Elements, Half, F16Elements>(),
        (ElementType.UInt8 or ElementType.Bool, ElementType.Float32) => new Recast<byte, U8Elements, float, F32Elements>(),
        (ElementType.UInt8 or ElementType.Bool, ElementType.Float16) => new Recast<byte, U8Elements, Half, F16Elements>(),
        (ElementType.Int8, ElementType.Float32) => new Recast<sbyte, I8Elements, float, F32Elements>(),
        (ElementType.Int8, ElementType.Float16) => new Recast<sbyte, I8Elements, Half, F16Elements>(),
        (ElementType.UInt16, ElementType.Float32) => new Recast<ushort, U16Elements, float, F32Elements>(),
        (ElementType.Int16, ElementType.Float32) => new Recast<short, I16Elements, float, F32Elements>(),
        (ElementType.Int32, ElementType.Float32) => new Recast<int, I32Elements, float, F32Elements>(),
        _ => null,
    };

    private static ElementFunction? To<T>(ElementType to) where T : unmanaged, INumber<T> => to switch
    {
        ElementType.Float32 => new Map<T, float, CastOf<T, float>>(),
        ElementType.Float64 => new Map<T, double, CastOf<T, double>>(),
        ElementType.Float16 => new Map<T, Half, CastOf<T, Half>>(),
        ElementType.Int64 => new Map<T, long, CastOf<T, long>>(),
        ElementType.UInt64 => new Map<T, ulong, CastOf<T, ulong>>(),
        ElementType.Int32 => new Map<T, int, CastOf<T, int>>(),
        ElementType.UInt32 => new Map<T, uint, CastOf<T, uint>>(),
        ElementType.Int16 => new Map<T, short, CastOf<T, short>>(),
        ElementType.UInt16 => new Map<T, ushort, CastOf<T, ushort>>(),
        ElementType.Int8 => new Map<T, sbyte, CastOf<T, sbyte>>(),
        ElementType.UInt8 => new Map<T, byte, CastOf<T, byte>>(),
        ElementType.Bool => new Map<T, byte, IsTrue<T>>(),
        _ => null,
    };
}

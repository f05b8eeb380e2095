using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Conversion;

/// <summary>How vectors of f32 are read from elements of a type and written as them; <typeparamref name="T"/> has the width of the type.</summary>
internal unsafe interface IElements<T> where T : unmanaged
{
    /// <summary>Reads elements; exact, but for i32, which round to nearest even.</summary>
    static abstract V Load<V>(T* from) where V : struct, ISimd<V>;

    /// <summary>Writes numbers: floats round to nearest even, integers take whole numbers within their range.</summary>
    static abstract void Store<V>(V numbers, T* to) where V : struct, ISimd<V>;
}

internal readonly unsafe struct F32Elements : IElements<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(float* from) where V : struct, ISimd<V> => V.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V>(V numbers, float* to) where V : struct, ISimd<V> => numbers.Store(to);
}

internal readonly unsafe struct I32Elements : IElements<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(int* from) where V : struct, ISimd<V> => V.FromInt(V.Load((float*)from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V>(V numbers, int* to) where V : struct, ISimd<V> => V.ToInt(numbers).Store((float*)to);
}

internal readonly unsafe struct U8Elements : IElements<byte>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(byte* from) where V : struct, ISimd<V> => V.FromInt(V.LoadBits(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V>(V numbers, byte* to) where V : struct, ISimd<V> => V.ToInt(numbers).StoreBits(to);
}

internal readonly unsafe struct I8Elements : IElements<sbyte>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(sbyte* from) where V : struct, ISimd<V> => V.FromInt(V.ShiftRight(V.ShiftLeft(V.LoadBits((byte*)from), 24), 24));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V>(V numbers, sbyte* to) where V : struct, ISimd<V> => V.ToInt(numbers).StoreBits((byte*)to);
}

internal readonly unsafe struct U16Elements : IElements<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(ushort* from) where V : struct, ISimd<V> => V.FromInt(V.LoadBits(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V>(V numbers, ushort* to) where V : struct, ISimd<V> => V.ToInt(numbers).StoreBits(to);
}

internal readonly unsafe struct I16Elements : IElements<short>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(short* from) where V : struct, ISimd<V> => V.FromInt(V.ShiftRight(V.ShiftLeft(V.LoadBits((ushort*)from), 16), 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V>(V numbers, short* to) where V : struct, ISimd<V> => V.ToInt(numbers).StoreBits((ushort*)to);
}

/// <summary>IEEE 754 binary16.</summary>
internal readonly unsafe struct F16Elements : IElements<Half>
{
    // Exponents as bits of f32: that of an f16 infinity in place, of 2¹¹², of an f32 infinity; of 2¹⁶, 2⁻¹⁴ and ½.
    private const int Special = 31 << 23, Rebias = 112 + 127 << 23, Infinity = 0x7F80_0000, Overflow = 127 + 16 << 23, LeastNormal = 127 - 14 << 23, Half = 126 << 23;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(Half* from) where V : struct, ISimd<V>
    {
        V bits = V.LoadBits((ushort*)from), magnitude = V.ShiftLeft(bits & V.OfBits(0x7FFF), 13);
        V number = magnitude * V.OfBits(Rebias) | V.LessOrEqual(V.OfBits(Special), magnitude) & V.OfBits(Infinity);
        return number | V.ShiftLeft(bits & V.OfBits(0x8000), 16);
    }

    // A subnormal is the low bits of its sum with ½, whose last bit is worth the least subnormal; a normal rounds by an addition.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V>(V numbers, Half* to) where V : struct, ISimd<V>
    {
        V sign = numbers & V.OfBits(int.MinValue), magnitude = numbers ^ sign;
        V small = V.SubtractBits(magnitude + V.OfBits(Half), V.OfBits(Half));
        V odd = V.ShiftRight(magnitude, 13) & V.OfBits(1);
        V normal = V.ShiftRight(V.AddBits(V.AddBits(magnitude, V.OfBits((15 - 127 << 23) + 0xFFF)), odd), 13);
        V code = V.Select(V.Less(magnitude, V.OfBits(LeastNormal)), small, normal);
        V large = V.Select(V.Equal(magnitude, magnitude), V.OfBits(0x7C00), V.OfBits(0x7E00));
        code = V.Select(V.Less(magnitude, V.OfBits(Overflow)), code, large);
        (code | V.ShiftRight(sign, 16)).StoreBits((ushort*)to);
    }
}

/// <summary>The high half of f32; <see cref="ushort"/> stands for its code.</summary>
internal readonly unsafe struct BF16Elements : IElements<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(ushort* from) where V : struct, ISimd<V> => V.ShiftLeft(V.LoadBits(from), 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V>(V numbers, ushort* to) where V : struct, ISimd<V>
    {
        V odd = V.ShiftRight(numbers, 16) & V.OfBits(1);
        V rounded = V.ShiftRight(V.AddBits(V.AddBits(numbers, V.OfBits(0x7FFF)), odd), 16);
        V.Select(V.Equal(numbers, numbers), rounded, V.OfBits(0x7FC0)).StoreBits(to);
    }
}

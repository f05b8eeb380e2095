using System.Runtime.CompilerServices;

namespace Strata.Kernels.Simd;

/// <summary>One f32: what runs where vectors do not, with the bits that they give.</summary>
internal readonly unsafe struct F32(float v) : ISimd<F32>
{
    private readonly float v = v;

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Of(float x) => new(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 OfBits(int bits) => new(BitConverter.Int32BitsToSingle(bits));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Load(float* from) => new(*from);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 LoadBits(byte* from) => OfBits(Widened(*from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 LoadBits(ushort* from) => OfBits(Widened(*from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator +(F32 a, F32 b) => new(a.v + b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator -(F32 a, F32 b) => new(a.v - b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator *(F32 a, F32 b) => new(a.v * b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator /(F32 a, F32 b) => new(a.v / b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator &(F32 a, F32 b) => new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a.v) & BitConverter.SingleToInt32Bits(b.v)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator |(F32 a, F32 b) => new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a.v) | BitConverter.SingleToInt32Bits(b.v)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator ^(F32 a, F32 b) => new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a.v) ^ BitConverter.SingleToInt32Bits(b.v)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator -(F32 a) => new(-a.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Fma(F32 a, F32 b, F32 c) => new(MathF.FusedMultiplyAdd(a.v, b.v, c.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Max(F32 a, F32 b) => a.v > b.v ? a : b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Min(F32 a, F32 b) => a.v < b.v ? a : b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Abs(F32 a) => new(MathF.Abs(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Sqrt(F32 a) => new(MathF.Sqrt(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Floor(F32 a) => new(MathF.Floor(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Round(F32 a) => new(MathF.Round(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Truncate(F32 a) => new(MathF.Truncate(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Ceil(F32 a) => new(MathF.Ceiling(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Less(F32 a, F32 b) => Mask(a.v < b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 LessOrEqual(F32 a, F32 b) => Mask(a.v <= b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Equal(F32 a, F32 b) => Mask(a.v == b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Select(F32 mask, F32 a, F32 b) => (mask & a) | new F32(BitConverter.Int32BitsToSingle(~BitConverter.SingleToInt32Bits(mask.v) & BitConverter.SingleToInt32Bits(b.v)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 AddBits(F32 a, F32 b) => new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a.v) + BitConverter.SingleToInt32Bits(b.v)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 SubtractBits(F32 a, F32 b) => new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a.v) - BitConverter.SingleToInt32Bits(b.v)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 ShiftLeft(F32 a, int count) => new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a.v) << count));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 ShiftRight(F32 a, int count) => new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a.v) >> count));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 ToInt(F32 a) => new(BitConverter.Int32BitsToSingle((int)MathF.Round(a.v)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 FromInt(F32 a) => new(BitConverter.SingleToInt32Bits(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 MultiplyPairs(F32 a, F32 b)
    {
        int x = BitConverter.SingleToInt32Bits(a.v), y = BitConverter.SingleToInt32Bits(b.v);
        return new(BitConverter.Int32BitsToSingle((x << 16 >> 16) * (y << 16 >> 16) + (x >> 16) * (y >> 16)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Evens(F32 a, F32 b) => a;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 ZipLower(F32 a, F32 b) => a;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 ZipUpper(F32 a, F32 b) => b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 ZipLowerLanes(F32 a, F32 b) => a;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 ZipUpperLanes(F32 a, F32 b) => b;

    /// <inheritdoc/>
    public static void Prefetch(float* address)
    {
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => *to = v;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBits(byte* to) => *to = unchecked((byte)BitConverter.SingleToInt32Bits(v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBits(ushort* to) => *to = unchecked((ushort)BitConverter.SingleToInt32Bits(v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F32 Mask(bool holds) => new(BitConverter.Int32BitsToSingle(holds ? -1 : 0));

    // The compiler of .NET 10 merges a narrow read with a change to f32 to a read of four bytes; a call keeps them apart.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Widened(int code) => code;
}

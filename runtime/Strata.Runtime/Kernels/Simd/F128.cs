using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Strata.Kernels.Simd;

/// <summary>4 f32 in a vector of 128 bits.</summary>
internal readonly unsafe struct F128(Vector128<float> v) : ISimd<F128>
{
    private readonly Vector128<float> v = v;

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 4;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Of(float x) => new(Vector128.Create(x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 OfBits(int bits) => new(Vector128.Create(bits).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Load(float* from) => new(Vector128.Load(from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 LoadBits(byte* from) => new(Narrow.Load128(from).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 LoadBits(ushort* from) => new(Narrow.Load128(from).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 operator +(F128 a, F128 b) => new(a.v + b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 operator -(F128 a, F128 b) => new(a.v - b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 operator *(F128 a, F128 b) => new(a.v * b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 operator /(F128 a, F128 b) => new(a.v / b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 operator &(F128 a, F128 b) => new(a.v & b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 operator |(F128 a, F128 b) => new(a.v | b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 operator ^(F128 a, F128 b) => new(a.v ^ b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 operator -(F128 a) => new(-a.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Fma(F128 a, F128 b, F128 c) => new(Vector128.FusedMultiplyAdd(a.v, b.v, c.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Max(F128 a, F128 b) => new(Sse.IsSupported ? Sse.Max(a.v, b.v) : Vector128.ConditionalSelect(Vector128.GreaterThan(a.v, b.v), a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Min(F128 a, F128 b) => new(Sse.IsSupported ? Sse.Min(a.v, b.v) : Vector128.ConditionalSelect(Vector128.LessThan(a.v, b.v), a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Abs(F128 a) => new(Vector128.Abs(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Sqrt(F128 a) => new(Vector128.Sqrt(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Floor(F128 a) => new(Vector128.Floor(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Round(F128 a) => new(Vector128.Round(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Truncate(F128 a) => new(Vector128.Truncate(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Ceil(F128 a) => new(Vector128.Ceiling(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Less(F128 a, F128 b) => new(Vector128.LessThan(a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 LessOrEqual(F128 a, F128 b) => new(Vector128.LessThanOrEqual(a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Equal(F128 a, F128 b) => new(Vector128.Equals(a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Select(F128 mask, F128 a, F128 b) => new(Vector128.ConditionalSelect(mask.v, a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 AddBits(F128 a, F128 b) => new((a.v.AsInt32() + b.v.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 SubtractBits(F128 a, F128 b) => new((a.v.AsInt32() - b.v.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 ShiftLeft(F128 a, int count) => new((a.v.AsInt32() << count).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 ShiftRight(F128 a, int count) => new((a.v.AsInt32() >> count).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 ToInt(F128 a) => new((Sse2.IsSupported ? Sse2.ConvertToVector128Int32(a.v) : Vector128.ConvertToInt32(Vector128.Round(a.v))).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 FromInt(F128 a) => new(Vector128.ConvertToSingle(a.v.AsInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 MultiplyPairs(F128 a, F128 b)
    {
        if (Sse2.IsSupported) return new(Sse2.MultiplyAddAdjacent(a.v.AsInt16(), b.v.AsInt16()).AsSingle());
        Vector128<int> x = a.v.AsInt32(), y = b.v.AsInt32();
        return new(((x << 16 >> 16) * (y << 16 >> 16) + (x >> 16) * (y >> 16)).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 Evens(F128 a, F128 b) => new(Sse.IsSupported ? Sse.Shuffle(a.v, b.v, 0b10_00_10_00) : Vector128.Create(Vector128.Shuffle(a.v, Vector128.Create(0, 2, 0, 2)).GetLower(), Vector128.Shuffle(b.v, Vector128.Create(0, 2, 0, 2)).GetLower()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 ZipLower(F128 a, F128 b) => new(Sse.IsSupported ? Sse.UnpackLow(a.v, b.v) : Vector128.Shuffle(Vector128.Create(a.v.GetLower(), b.v.GetLower()), Vector128.Create(0, 2, 1, 3)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 ZipUpper(F128 a, F128 b) => new(Sse.IsSupported ? Sse.UnpackHigh(a.v, b.v) : Vector128.Shuffle(Vector128.Create(a.v.GetUpper(), b.v.GetUpper()), Vector128.Create(0, 2, 1, 3)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 ZipLowerLanes(F128 a, F128 b) => ZipLower(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 ZipUpperLanes(F128 a, F128 b) => ZipUpper(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* address)
    {
        if (Sse.IsSupported) Sse.Prefetch0(address);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => Unsafe.WriteUnaligned(to, v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBits(byte* to) => Narrow.Store(v.AsInt32(), to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBits(ushort* to) => Narrow.Store(v.AsInt32(), to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector128.Sum(v);
}

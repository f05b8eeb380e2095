using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Strata.Kernels.Simd;

/// <summary>8 f32 in a vector of 256 bits.</summary>
internal readonly unsafe struct F256(Vector256<float> v) : ISimd<F256>
{
    private readonly Vector256<float> v = v;

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 8;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Of(float x) => new(Vector256.Create(x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 OfBits(int bits) => new(Vector256.Create(bits).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Load(float* from) => new(Vector256.Load(from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 LoadBits(byte* from) => new(Narrow.Load256(from).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 LoadBits(ushort* from) => new(Narrow.Load256(from).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 operator +(F256 a, F256 b) => new(a.v + b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 operator -(F256 a, F256 b) => new(a.v - b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 operator *(F256 a, F256 b) => new(a.v * b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 operator /(F256 a, F256 b) => new(a.v / b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 operator &(F256 a, F256 b) => new(a.v & b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 operator |(F256 a, F256 b) => new(a.v | b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 operator ^(F256 a, F256 b) => new(a.v ^ b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 operator -(F256 a) => new(-a.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Fma(F256 a, F256 b, F256 c) => new(Vector256.FusedMultiplyAdd(a.v, b.v, c.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Max(F256 a, F256 b) => new(Avx.IsSupported ? Avx.Max(a.v, b.v) : Vector256.ConditionalSelect(Vector256.GreaterThan(a.v, b.v), a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Min(F256 a, F256 b) => new(Avx.IsSupported ? Avx.Min(a.v, b.v) : Vector256.ConditionalSelect(Vector256.LessThan(a.v, b.v), a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Abs(F256 a) => new(Vector256.Abs(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Sqrt(F256 a) => new(Vector256.Sqrt(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Floor(F256 a) => new(Vector256.Floor(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Round(F256 a) => new(Vector256.Round(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Truncate(F256 a) => new(Vector256.Truncate(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Ceil(F256 a) => new(Vector256.Ceiling(a.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Less(F256 a, F256 b) => new(Vector256.LessThan(a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 LessOrEqual(F256 a, F256 b) => new(Vector256.LessThanOrEqual(a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Equal(F256 a, F256 b) => new(Vector256.Equals(a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Select(F256 mask, F256 a, F256 b) => new(Vector256.ConditionalSelect(mask.v, a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 AddBits(F256 a, F256 b) => new((a.v.AsInt32() + b.v.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 SubtractBits(F256 a, F256 b) => new((a.v.AsInt32() - b.v.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 ShiftLeft(F256 a, int count) => new((a.v.AsInt32() << count).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 ShiftRight(F256 a, int count) => new((a.v.AsInt32() >> count).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 ToInt(F256 a) => new((Avx.IsSupported ? Avx.ConvertToVector256Int32(a.v) : Vector256.ConvertToInt32(Vector256.Round(a.v))).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 FromInt(F256 a) => new(Vector256.ConvertToSingle(a.v.AsInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 MultiplyPairs(F256 a, F256 b)
    {
        if (Avx2.IsSupported) return new(Avx2.MultiplyAddAdjacent(a.v.AsInt16(), b.v.AsInt16()).AsSingle());
        Vector256<int> x = a.v.AsInt32(), y = b.v.AsInt32();
        return new(((x << 16 >> 16) * (y << 16 >> 16) + (x >> 16) * (y >> 16)).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 Evens(F256 a, F256 b) => new(Avx2.IsSupported ? Avx2.Permute4x64(Avx.Shuffle(a.v, b.v, 0b10_00_10_00).AsInt64(), 0b11_01_10_00).AsSingle() : Vector256.Create(Vector256.Shuffle(a.v, Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6)).GetLower(), Vector256.Shuffle(b.v, Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6)).GetLower()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 ZipLower(F256 a, F256 b) => new(Avx.IsSupported ? Avx.Permute2x128(Avx.UnpackLow(a.v, b.v), Avx.UnpackHigh(a.v, b.v), 0x20) : Vector256.Shuffle(Vector256.Create(a.v.GetLower(), b.v.GetLower()), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 ZipUpper(F256 a, F256 b) => new(Avx.IsSupported ? Avx.Permute2x128(Avx.UnpackLow(a.v, b.v), Avx.UnpackHigh(a.v, b.v), 0x31) : Vector256.Shuffle(Vector256.Create(a.v.GetUpper(), b.v.GetUpper()), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 ZipLowerLanes(F256 a, F256 b) => new(Avx.IsSupported ? Avx.UnpackLow(a.v, b.v) : Vector256.ConditionalSelect(Vector256.Create(-1, 0, -1, 0, -1, 0, -1, 0).AsSingle(), Vector256.Shuffle(a.v, Vector256.Create(0, 0, 1, 1, 4, 4, 5, 5)), Vector256.Shuffle(b.v, Vector256.Create(0, 0, 1, 1, 4, 4, 5, 5))));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 ZipUpperLanes(F256 a, F256 b) => new(Avx.IsSupported ? Avx.UnpackHigh(a.v, b.v) : Vector256.ConditionalSelect(Vector256.Create(-1, 0, -1, 0, -1, 0, -1, 0).AsSingle(), Vector256.Shuffle(a.v, Vector256.Create(2, 2, 3, 3, 6, 6, 7, 7)), Vector256.Shuffle(b.v, Vector256.Create(2, 2, 3, 3, 6, 6, 7, 7))));

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
    public float Sum() => Vector256.Sum(v);
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Strata.Kernels.Simd;

/// <summary>Codes of 8 and 16 bits to and from vectors of i32: reading fills with zeros, writing drops the high bits.</summary>
internal static unsafe class Narrow
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load128(byte* from) => Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(from)).AsByte())).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load128(ushort* from) => Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(from)).AsUInt16()).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load256(byte* from) => Avx2.IsSupported ? Avx2.ConvertToVector256Int32(from) : Vector256.Create(Load128(from), Load128(from + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load256(ushort* from) => Avx2.IsSupported ? Avx2.ConvertToVector256Int32(from) : Vector256.Create(Load128(from), Load128(from + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load512(byte* from) => Avx512F.IsSupported ? Avx512F.ConvertToVector512Int32(Vector128.Load(from)) : Vector512.Create(Load256(from), Load256(from + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load512(ushort* from) => Avx512F.IsSupported ? Avx512F.ConvertToVector512Int32(Vector256.Load(from)) : Vector512.Create(Load256(from), Load256(from + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> v, byte* to)
    {
        var pairs = Vector128.Narrow(v.AsUInt32() & Vector128.Create(0xFFu), Vector128<uint>.Zero);
        Unsafe.WriteUnaligned(to, Vector128.Narrow(pairs, pairs).AsUInt32().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> v, ushort* to) => Unsafe.WriteUnaligned(to, Vector128.Narrow(v.AsUInt32() & Vector128.Create(0xFFFFu), Vector128<uint>.Zero).AsUInt64().ToScalar());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> v, byte* to)
    {
        var low = v.AsUInt32() & Vector256.Create(0xFFu);
        var pairs = Vector128.Narrow(low.GetLower(), low.GetUpper());
        Unsafe.WriteUnaligned(to, Vector128.Narrow(pairs, pairs).AsUInt64().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> v, ushort* to)
    {
        var low = v.AsUInt32() & Vector256.Create(0xFFFFu);
        Unsafe.WriteUnaligned(to, Vector128.Narrow(low.GetLower(), low.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<int> v, byte* to)
    {
        if (Avx512F.IsSupported) Avx512F.ConvertToVector128Byte(v).Store(to);
        else
        {
            Store(v.GetLower(), to);
            Store(v.GetUpper(), to + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<int> v, ushort* to)
    {
        if (Avx512F.IsSupported) Avx512F.ConvertToVector256UInt16(v).Store(to);
        else
        {
            Store(v.GetLower(), to);
            Store(v.GetUpper(), to + 8);
        }
    }
}

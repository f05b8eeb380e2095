using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Strata.Bitstream.Codecs.Floats;

/// <summary>Numbers of the same width of up to 25 bits one behind the other, lowest bits first.</summary>
internal static class BitPacking
{
    /// <summary>A number of elements that is a whole number of bytes in every width.</summary>
    public const int Run = 1 << 12;

    private const int Lanes = 8;

    /// <summary>Bytes of numbers.</summary>
    public static long BytesOf(int count, int bits) => ((long)count * bits + 7) / 8;

    /// <summary>Checks that packed numbers have a length.</summary>
    /// <exception cref="StrataFormatException">They cannot have.</exception>
    public static void CheckLength(long length, int count, int bits)
    {
        if (length != BytesOf(count, bits)) throw new StrataFormatException($"{count} rests of {bits} bits cannot be {length} bytes");
    }

    /// <summary>Packs numbers.</summary>
    public static byte[] Pack(ReadOnlySpan<uint> numbers, int bits)
    {
        var packed = new byte[BytesOf(numbers.Length, bits)];
        ulong waiting = 0;
        int count = 0, at = 0;
        foreach (uint number in numbers)
        {
            waiting |= (ulong)number << count;
            for (count += bits; count >= 8; count -= 8, waiting >>= 8) packed[at++] = (byte)waiting;
        }
        if (count > 0) packed[at] = (byte)waiting;
        return packed;
    }

    /// <summary>Unpacks as many numbers as the span holds.</summary>
    public static void Unpack(ReadOnlySpan<byte> packed, int bits, Span<uint> numbers)
    {
        int done = Avx2.IsSupported && bits > 0 ? UnpackVectors(packed, bits, numbers) : 0;
        uint mask = (1u << bits) - 1;
        for (int i = done; i < numbers.Length; i++)
        {
            long at = (long)i * bits;
            var rest = packed[(int)(at >> 3)..];
            uint four = 0;
            if (rest.Length >= sizeof(uint)) four = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            else
            {
                for (int k = 0; k < rest.Length; k++) four |= (uint)rest[k] << 8 * k;
            }
            numbers[i] = four >> (int)(at & 7) & mask;
        }
    }

    // Eight numbers are as many bytes as one has bits; each lies within four bytes.
    private static int UnpackVectors(ReadOnlySpan<byte> packed, int bits, Span<uint> numbers)
    {
        int half = 4 * bits / 8; // the byte in which the fifth number starts
        Span<byte> order = stackalloc byte[32];
        Span<uint> shifts = stackalloc uint[Lanes];
        for (int k = 0; k < Lanes; k++)
        {
            int at = k * bits - (k < 4 ? 0 : 8 * half);
            shifts[k] = (uint)(at & 7);
            for (int b = 0; b < 4; b++) order[4 * k + b] = (byte)((at >> 3) + b);
        }
        Vector128<byte> lowOrder = Vector128.Create<byte>(order), highOrder = Vector128.Create<byte>(order[16..]);
        Vector256<uint> shift = Vector256.Create<uint>(shifts), mask = Vector256.Create((1u << bits) - 1);
        ref byte source = ref MemoryMarshal.GetReference(packed);
        ref uint target = ref MemoryMarshal.GetReference(numbers);
        int i = 0, at8 = 0;
        for (; i <= numbers.Length - Lanes && at8 + half + 16 <= packed.Length; i += Lanes, at8 += bits)
        {
            var low = Ssse3.Shuffle(Vector128.LoadUnsafe(ref source, (nuint)at8), lowOrder);
            var high = Ssse3.Shuffle(Vector128.LoadUnsafe(ref source, (nuint)(at8 + half)), highOrder);
            var four = Vector256.Create(low, high).AsUInt32();
            (Avx2.ShiftRightLogicalVariable(four, shift) & mask).StoreUnsafe(ref target, (nuint)i);
        }
        return i;
    }
}

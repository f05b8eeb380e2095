using System.Buffers.Binary;

namespace Strata.Bitstream.Entropy;

/// <summary>The states of lanes as bits, lowest first: each as how many bits more than 16 follow its highest one (4 bits), and those.</summary>
internal static class LaneStates
{
    private const int LeastBits = 16, LengthBits = 4;

    /// <summary>Bytes that states take, the last one filled up with zeros.</summary>
    public static int BytesOf(ReadOnlySpan<uint> states)
    {
        int bits = 0;
        foreach (uint state in states) bits += LengthBits + System.Numerics.BitOperations.Log2(state);
        return (bits + 7) / 8;
    }

    /// <summary>Writes states, all of which are at least 2¹⁶, to bytes that are zeros; returns how many bytes they take.</summary>
    public static int Write(ReadOnlySpan<uint> states, Span<byte> bytes)
    {
        int at = 0;
        foreach (uint state in states)
        {
            int more = System.Numerics.BitOperations.Log2(state) - LeastBits;
            ulong bits = (uint)more | ((ulong)state ^ 1UL << LeastBits + more) << LengthBits;
            for (int k = 0; k < LengthBits + LeastBits + more; k++, at++) bytes[at / 8] |= (byte)((bits >> k & 1) << at % 8);
        }
        return (at + 7) / 8;
    }

    /// <summary>Reads states; returns how many bytes they take.</summary>
    /// <exception cref="StrataFormatException">The bytes end before.</exception>
    public static int Read(ReadOnlySpan<byte> bytes, Span<uint> states)
    {
        int at = 0;
        foreach (ref uint state in states)
        {
            int more = (int)Take(bytes, ref at, LengthBits);
            state = 1u << LeastBits + more | Take(bytes, ref at, LeastBits + more);
        }
        if (at % 8 != 0 && bytes[at / 8] >> at % 8 != 0) throw new StrataFormatException("the bits behind the states of an entropy-coded stream are not zeros");
        return (at + 7) / 8;
    }

    private static uint Take(ReadOnlySpan<byte> bytes, ref int at, int count)
    {
        if (at + count > 8L * bytes.Length) throw new StrataFormatException("an entropy-coded stream ends within its states");
        ulong near = 0;
        var from = bytes[(at / 8)..];
        if (from.Length >= sizeof(ulong)) near = BinaryPrimitives.ReadUInt64LittleEndian(from);
        else
        {
            for (int k = 0; k < from.Length; k++) near |= (ulong)from[k] << 8 * k;
        }
        uint value = (uint)(near >> at % 8) & (1u << count) - 1;
        at += count;
        return value;
    }
}

using System.Buffers.Binary;

namespace Strata.Bitstream.Entropy;

/// <summary>
/// Range asymmetric numeral systems with a static table, states of 32 bits and words of 16 (Duda: Asymmetric numeral systems,
/// arXiv 1311.2540), several lanes taking turns on one stream of words so that a decoder can run them side by side (Giesen:
/// Interleaved entropy coders, arXiv 1402.3392). Symbol i belongs to lane i mod <c>lanes</c>. All paths decode alike.
/// </summary>
internal static class RansEncoder
{
    /// <summary>States lie in [Low, 2³²) between symbols; a decoder leaves every lane in Low.</summary>
    public const uint Low = 1 << 16;

    /// <summary>Most lanes.</summary>
    public const int MaxLanes = 32;

    /// <summary>The states of all lanes, then the words in the order in which a decoder wants them; null when that is not shorter than the symbols.</summary>
    public static byte[]? Encode(ReadOnlySpan<byte> symbols, FrequencyTable table, int lanes)
    {
        Span<uint> states = stackalloc uint[MaxLanes];
        states.Fill(Low);
        int head = sizeof(uint) * lanes;
        if (symbols.Length <= head) return null;
        // Filled from its end: the last word written is the first one read.
        var words = new ushort[(symbols.Length - head) / sizeof(ushort)];
        int first = words.Length;
        var shares = table.Shares;
        var starts = table.Starts;
        for (int i = symbols.Length - 1; i >= 0; i--)
        {
            ref uint state = ref states[i & (lanes - 1)];
            uint share = shares[symbols[i]];
            // (Low >> Bits) << 16 states per unit of share keep the state below 2³² after the symbol.
            if (state >> (32 - FrequencyTable.Bits) >= share)
            {
                if (first == 0) return null;
                words[--first] = (ushort)state;
                state >>= 16;
            }
            uint quotient = state / share;
            state = (quotient << FrequencyTable.Bits) + (state - quotient * share) + starts[symbols[i]];
        }
        var stream = new byte[head + sizeof(ushort) * (words.Length - first)];
        for (int lane = 0; lane < lanes; lane++) BinaryPrimitives.WriteUInt32LittleEndian(stream.AsSpan(sizeof(uint) * lane), states[lane]);
        for (int k = first; k < words.Length; k++) BinaryPrimitives.WriteUInt16LittleEndian(stream.AsSpan(head + sizeof(ushort) * (k - first)), words[k]);
        return stream;
    }
}

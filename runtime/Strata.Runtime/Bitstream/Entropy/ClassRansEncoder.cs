using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Strata.Bitstream.Entropy;

/// <summary>
/// The coder of <see cref="RansEncoder"/> with a table for each class of symbols. What the lanes' first states could not
/// say otherwise holds the last symbols, coded by one more lane.
/// </summary>
internal sealed class ClassRansEncoder
{
    private const int Symbols = 256;

    private readonly Entry[] entries; // by class and symbol

    // A symbol: state → state + Bias + Complement · ⌊state / share⌋, the quotient by a reciprocal (exact for 32-bit states).
    private record struct Entry(ulong Reciprocal, uint Bias, ushort Complement, ushort Share);

    /// <summary>Prepares the tables: the shares of symbols in each class.</summary>
    public ClassRansEncoder(ushort[][] tables)
    {
        entries = new Entry[Symbols * tables.Length];
        for (int k = 0; k < tables.Length; k++)
        {
            int start = 0;
            for (int s = 0; s < tables[k].Length; s++)
            {
                int share = tables[k][s];
                // A share of 1 has no reciprocal below 1: the largest one gives state − 1.
                if (share > 0) entries[Symbols * k + s] = new(share == 1 ? ulong.MaxValue : ulong.MaxValue / (ulong)share + 1, (uint)(share == 1 ? start + FrequencyTable.Total - 1 : start), (ushort)(FrequencyTable.Total - share), (ushort)share);
                start += share;
            }
        }
    }

    /// <summary>Encodes symbols.</summary>
    /// <param name="symbols">None has share 0 in the table of its class.</param>
    /// <param name="classes">The class of each; empty where there is one.</param>
    /// <param name="lanes">1, 8 or 32.</param>
    /// <returns>The states of all lanes and the words, in the order in which a decoder wants them, and how many symbols at the end lie in the last states.</returns>
    public (byte[] Stream, int Tail) Encode(ReadOnlySpan<byte> symbols, ReadOnlySpan<byte> classes, int lanes)
    {
        Span<uint> states = stackalloc uint[lanes];
        int tail = lanes == 1 ? 0 : EncodeTail(symbols, classes, states);
        if (lanes == 1) states[0] = RansEncoder.Low;
        // Filled from its end: the last word written is the first one read. A symbol takes at most one word.
        int main = symbols.Length - tail, first = main;
        ushort[] words = ArrayPool<ushort>.Shared.Rent(main);
        ref var table = ref MemoryMarshal.GetArrayDataReference(entries);
        ref uint lane = ref MemoryMarshal.GetReference(states);
        bool hasClasses = !classes.IsEmpty;
        for (int i = main - 1; i >= 0; i--)
        {
            ref readonly var entry = ref Unsafe.Add(ref table, (hasClasses ? classes[i] * Symbols : 0) + symbols[i]);
            ref uint own = ref Unsafe.Add(ref lane, i & (lanes - 1));
            uint state = own;
            // Which states give a word is as good as random: no branches. A word that is none the next one overwrites.
            int given = state >> (32 - FrequencyTable.Bits) >= entry.Share ? 1 : 0;
            words[first - 1] = (ushort)state;
            first -= given;
            own = Next(state >> 16 * given, entry);
        }
        var stream = new byte[LaneStates.BytesOf(states) + sizeof(ushort) * (main - first)];
        int head = LaneStates.Write(states, stream);
        if (BitConverter.IsLittleEndian) MemoryMarshal.AsBytes(words.AsSpan(first, main - first)).CopyTo(stream.AsSpan(head));
        else
        {
            for (int k = first; k < main; k++) BinaryPrimitives.WriteUInt16LittleEndian(stream.AsSpan(head + sizeof(ushort) * (k - first)), words[k]);
        }
        ArrayPool<ushort>.Shared.Return(words);
        return (stream, tail);
    }

    // As many of the last symbols as the words of the lanes hold: gives their states.
    private int EncodeTail(ReadOnlySpan<byte> symbols, ReadOnlySpan<byte> classes, Span<uint> states)
    {
        Span<ushort> words = stackalloc ushort[states.Length];
        int free = words.Length - 2, tail = 0;
        uint state = RansEncoder.Low;
        for (int i = symbols.Length - 1; i >= 0; i--, tail++)
        {
            ref readonly var entry = ref entries[(classes.IsEmpty ? 0 : classes[i] * Symbols) + symbols[i]];
            if (state >> (32 - FrequencyTable.Bits) >= entry.Share)
            {
                if (free == 0) break;
                words[1 + free--] = (ushort)state;
                state >>= 16;
            }
            state = Next(state, entry);
        }
        // The words were filled from the end; unused ones come last.
        var used = words[(2 + free)..];
        states.Fill(RansEncoder.Low);
        if (tail == 0) return 0;
        states[0] += state & 0xFFFF;
        states[1] += state >> 16;
        for (int k = 0; k < used.Length; k++) states[2 + k] += used[k];
        return tail;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Next(uint state, in Entry entry) => state + entry.Bias + (uint)Math.BigMul(entry.Reciprocal, state, out _) * entry.Complement;
}

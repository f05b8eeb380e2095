using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Strata.Bitstream.Entropy;

/// <summary>Decodes what <see cref="RansEncoder"/> encodes, a run of symbols at a time. Every path decodes alike.</summary>
internal sealed class RansDecoder
{
    private const int Lanes = RansEncoder.MaxLanes;

    private readonly ReadOnlyMemory<byte> words;
    private readonly uint[] slots, states;
    private readonly int vectorBytes;
    private int word, lane; // the next word; the lane of the next symbol

    /// <summary>Starts a stream.</summary>
    /// <param name="stream">States of all lanes, then words.</param>
    /// <param name="table">The model.</param>
    /// <param name="lanes">A power of two, at most <see cref="RansEncoder.MaxLanes"/>.</param>
    /// <param name="vectorBytes">Width of the vectors to use (64, 32, or 0 for none); by default the widest that the processor has.</param>
    /// <exception cref="StrataFormatException">The stream cannot hold the lanes' states, or half a word.</exception>
    public RansDecoder(ReadOnlyMemory<byte> stream, FrequencyTable table, int lanes, int? vectorBytes = null)
    {
        int head = sizeof(uint) * lanes;
        if (stream.Length < head || (stream.Length - head) % sizeof(ushort) != 0) throw new StrataFormatException($"an entropy-coded stream of {lanes} lanes cannot have {stream.Length} bytes");
        (words, slots, states) = (stream[head..], table.Slots, new uint[lanes]);
        for (int k = 0; k < lanes; k++) states[k] = BinaryPrimitives.ReadUInt32LittleEndian(stream.Span[(sizeof(uint) * k)..]);
        this.vectorBytes = lanes < Lanes || !BitConverter.IsLittleEndian ? 0 : vectorBytes ?? (Avx512F.IsSupported ? 64 : Avx2.IsSupported ? 32 : 0);
    }

    /// <summary>Decodes as many symbols as the span holds.</summary>
    /// <exception cref="StrataFormatException">The stream ends before.</exception>
    public void Read(Span<byte> symbols)
    {
        int done = 0;
        if (lane == 0 && vectorBytes == 64) Decode512(words.Span, slots, states, symbols, ref done, ref word);
        else if (lane == 0 && vectorBytes == 32) Decode256(words.Span, slots, states, symbols, ref done, ref word);
        ReadPlainly(symbols[done..]);
    }

    /// <summary>Checks that the stream ends here.</summary>
    /// <exception cref="StrataFormatException">It does not.</exception>
    public void End()
    {
        if (sizeof(ushort) * word != words.Length || states.AsSpan().ContainsAnyExcept(RansEncoder.Low))
            throw new StrataFormatException("an entropy-coded stream does not end where its symbols do: it is corrupt");
    }

    private void ReadPlainly(Span<byte> symbols)
    {
        var source = words.Span;
        foreach (ref byte symbol in symbols)
        {
            ref uint state = ref states[lane];
            lane = (lane + 1) & (states.Length - 1);
            uint slot = slots[state & (FrequencyTable.Total - 1)];
            symbol = (byte)(slot >> 24);
            state = ((slot >> FrequencyTable.Bits & (FrequencyTable.Total - 1)) + 1) * (state >> FrequencyTable.Bits) + (slot & (FrequencyTable.Total - 1));
            if (state >= RansEncoder.Low) continue;
            if (sizeof(ushort) * word >= source.Length) throw new StrataFormatException("an entropy-coded stream ends before its symbols do");
            state = state << 16 | BinaryPrimitives.ReadUInt16LittleEndian(source[(sizeof(ushort) * word++)..]);
        }
    }

    // One round decodes a symbol of each lane, and needs at most a word for each.
    private static void Decode512(ReadOnlySpan<byte> words, uint[] slots, Span<uint> states, Span<byte> symbols, ref int done, ref int word)
    {
        ref uint table = ref MemoryMarshal.GetArrayDataReference(slots);
        ref ushort source = ref Unsafe.As<byte, ushort>(ref MemoryMarshal.GetReference(words));
        ref byte target = ref MemoryMarshal.GetReference(symbols);
        var a = Vector512.Create<uint>(states);
        var b = Vector512.Create<uint>(states[16..]);
        int i = done, w = word, lastWord = words.Length / 2 - Lanes;
        for (; i <= symbols.Length - Lanes && w <= lastWord; i += Lanes)
        {
            a = Step512(a, ref table, ref Unsafe.Add(ref source, w), ref Unsafe.Add(ref target, i), out int used);
            w += used;
            b = Step512(b, ref table, ref Unsafe.Add(ref source, w), ref Unsafe.Add(ref target, i + 16), out used);
            w += used;
        }
        a.CopyTo(states);
        b.CopyTo(states[16..]);
        (done, word) = (i, w);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<uint> Step512(Vector512<uint> state, ref uint table, ref ushort words, ref byte symbols, out int used)
    {
        var low = Vector512.Create((uint)FrequencyTable.Total - 1);
        var index = state & low;
        fixed (uint* start = &table)
        {
            var slot = Vector512.Create(
                Avx2.GatherVector256(start, index.GetLower().AsInt32(), sizeof(uint)),
                Avx2.GatherVector256(start, index.GetUpper().AsInt32(), sizeof(uint)));
            Avx512F.ConvertToVector128Byte(slot >>> 24).StoreUnsafe(ref symbols);
            state = ((slot >>> FrequencyTable.Bits & low) + Vector512<uint>.One) * (state >>> FrequencyTable.Bits) + (slot & low);
        }
        var isShort = Vector512.LessThan(state, Vector512.Create(RansEncoder.Low));
        used = BitOperations.PopCount(isShort.ExtractMostSignificantBits());
        var (lower, upper) = Vector256.Widen(Vector256.LoadUnsafe(ref words));
        var next = Avx512F.Expand(Vector512<uint>.Zero, isShort, Vector512.Create(lower, upper));
        return Vector512.ConditionalSelect(isShort, state << 16 | next, state);
    }

    private static void Decode256(ReadOnlySpan<byte> words, uint[] slots, Span<uint> states, Span<byte> symbols, ref int done, ref int word)
    {
        ref ushort source = ref Unsafe.As<byte, ushort>(ref MemoryMarshal.GetReference(words));
        ref byte target = ref MemoryMarshal.GetReference(symbols);
        Vector256<uint> a = Vector256.Create<uint>(states), b = Vector256.Create<uint>(states[8..]), c = Vector256.Create<uint>(states[16..]), d = Vector256.Create<uint>(states[24..]);
        int i = done, w = word, lastWord = words.Length / 2 - Lanes;
        for (; i <= symbols.Length - Lanes && w <= lastWord; i += Lanes)
        {
            a = Step256(a, slots, ref source, ref w, ref Unsafe.Add(ref target, i));
            b = Step256(b, slots, ref source, ref w, ref Unsafe.Add(ref target, i + 8));
            c = Step256(c, slots, ref source, ref w, ref Unsafe.Add(ref target, i + 16));
            d = Step256(d, slots, ref source, ref w, ref Unsafe.Add(ref target, i + 24));
        }
        a.CopyTo(states);
        b.CopyTo(states[8..]);
        c.CopyTo(states[16..]);
        d.CopyTo(states[24..]);
        (done, word) = (i, w);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<uint> Step256(Vector256<uint> state, uint[] slots, ref ushort source, ref int word, ref byte symbols)
    {
        var low = Vector256.Create((uint)FrequencyTable.Total - 1);
        Vector256<uint> slot;
        fixed (uint* start = slots) slot = Avx2.GatherVector256(start, (state & low).AsInt32(), sizeof(uint));
        var wide = slot >>> 24;
        var narrow = Vector128.Narrow(wide.GetLower(), wide.GetUpper());
        Unsafe.WriteUnaligned(ref symbols, Vector128.Narrow(narrow, narrow).AsUInt64().ToScalar());
        state = ((slot >>> FrequencyTable.Bits & low) + Vector256<uint>.One) * (state >>> FrequencyTable.Bits) + (slot & low);

        var isShort = Vector256.LessThan(state, Vector256.Create(RansEncoder.Low));
        uint mask = isShort.ExtractMostSignificantBits();
        var words = Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(ref Unsafe.Add(ref source, word))).AsUInt32();
        var next = Avx2.PermuteVar8x32(words, s_expansions[mask]);
        word += BitOperations.PopCount(mask);
        return Vector256.ConditionalSelect(isShort, state << 16 | next, state);
    }

    // For each set of lanes that want a word: which of the next words each lane takes.
    private static readonly Vector256<uint>[] s_expansions = [.. Enumerable.Range(0, 256).Select(mask =>
    {
        Span<uint> taken = stackalloc uint[8];
        for (int lane = 0, next = 0; lane < 8; lane++) taken[lane] = (mask >> lane & 1) != 0 ? (uint)next++ : 0;
        return Vector256.Create<uint>(taken);
    })];
}

using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Strata.Bitstream.Entropy;

/// <summary>
/// Decodes what <see cref="ClassRansEncoder"/> encodes: each symbol by the table of its class. Every path decodes alike.
/// </summary>
internal sealed class ClassRansDecoder : IDisposable
{
    private readonly uint[] slots; // of each class in turn
    private readonly bool isVector;

    /// <summary>Prepares the tables.</summary>
    /// <param name="tables">One for each class.</param>
    /// <param name="vectors">Whether to use vectors of 256 bits; by default where the processor has them.</param>
    public ClassRansDecoder(IReadOnlyList<FrequencyTable> tables, bool? vectors = null)
    {
        slots = ArrayPool<uint>.Shared.Rent(FrequencyTable.Total * tables.Count + FrequencyTable.Slack);
        for (int k = 0; k < tables.Count; k++) tables[k].FillSlots(slots.AsSpan(FrequencyTable.Total * k, FrequencyTable.Total + FrequencyTable.Slack));
        isVector = (vectors ?? true) && Avx2.IsSupported;
    }

    /// <summary>Gives the tables' memory back.</summary>
    public void Dispose() => ArrayPool<uint>.Shared.Return(slots);

    /// <summary>Decodes a stream.</summary>
    /// <param name="stream">States of all lanes, then words.</param>
    /// <param name="lanes">1, 8 or 32.</param>
    /// <param name="tail">How many symbols at the end lie in the last states.</param>
    /// <param name="classes">The class of each symbol; empty where there is one class.</param>
    /// <param name="symbols">Gets the symbols.</param>
    /// <exception cref="StrataFormatException">The stream does not end where its symbols do.</exception>
    public void Decode(ReadOnlySpan<byte> stream, int lanes, int tail, ReadOnlySpan<byte> classes, Span<byte> symbols)
    {
        Span<uint> states = stackalloc uint[lanes];
        var words = stream[LaneStates.Read(stream, states)..];
        if (words.Length % sizeof(ushort) != 0) throw new StrataFormatException($"an entropy-coded stream of {lanes} lanes cannot have {stream.Length} bytes");
        int most = symbols.Length - tail, done = 0, word = 0;
        if (isVector && lanes == 32)
        {
            if (classes.IsEmpty) Decode32(words, slots, states, symbols[..most], ref done, ref word);
            else DecodeClasses32(words, slots, states, classes, symbols[..most], ref done, ref word);
        }
        else if (isVector && lanes == 8) Decode8(words, slots, states, classes, symbols[..most], ref done, ref word);
        DecodePlainly(words, slots, states, classes, symbols[..most], done, ref word);
        if (sizeof(ushort) * word != words.Length) throw Corrupt();

        // The last states hold the words of one more lane, lowest bits.
        Span<byte> nested = stackalloc byte[sizeof(ushort) * lanes];
        for (int k = 0; k < lanes; k++)
        {
            if (states[k] >> 16 != 1) throw Corrupt();
            BinaryPrimitives.WriteUInt16LittleEndian(nested[(sizeof(ushort) * k)..], (ushort)states[k]);
        }
        int used = 0;
        if (tail > 0)
        {
            Span<uint> state = [BinaryPrimitives.ReadUInt32LittleEndian(nested)];
            nested = nested[sizeof(uint)..];
            DecodePlainly(nested, slots, state, classes.IsEmpty ? classes : classes[most..], symbols[most..], 0, ref used);
            if (state[0] != RansEncoder.Low) throw Corrupt();
        }
        if (nested[(sizeof(ushort) * used)..].ContainsAnyExcept((byte)0)) throw Corrupt();
    }

    private static StrataFormatException Corrupt() => new("an entropy-coded stream does not end where its symbols do: it is corrupt");

    private static void DecodePlainly(ReadOnlySpan<byte> words, uint[] slots, Span<uint> states, ReadOnlySpan<byte> classes, Span<byte> symbols, int done, ref int word)
    {
        ref uint table = ref MemoryMarshal.GetArrayDataReference(slots);
        ref uint lanes = ref MemoryMarshal.GetReference(states);
        int mask = states.Length - 1, w = word, last = words.Length / sizeof(ushort);
        bool hasClasses = !classes.IsEmpty;
        if (hasClasses) classes = classes[..symbols.Length];
        int start = done;
        DecodeRounds(words, ref table, states, classes, symbols, ref start, ref w);
        // Masks keep the indices within the arrays: lanes are a power of two, and classes are those of the tables.
        for (int i = start; i < symbols.Length; i++)
        {
            ref uint lane = ref Unsafe.Add(ref lanes, i & mask);
            uint state = lane, index = state & (FrequencyTable.Total - 1);
            if (hasClasses) index += (uint)classes[i] << FrequencyTable.Bits;
            uint slot = Unsafe.Add(ref table, index);
            symbols[i] = (byte)(slot >> 24);
            state = ((slot >> FrequencyTable.Bits & (FrequencyTable.Total - 1)) + 1) * (state >> FrequencyTable.Bits) + (slot & (FrequencyTable.Total - 1));
            if (state < RansEncoder.Low)
            {
                if (w >= last) throw Corrupt();
                state = state << 16 | BinaryPrimitives.ReadUInt16LittleEndian(words[(sizeof(ushort) * w++)..]);
            }
            lane = state;
        }
        word = w;
    }

    // Rounds of a symbol of each lane, while words are left for all of them. Which lanes need a word is as good as random: no branches.
    private static void DecodeRounds(ReadOnlySpan<byte> words, ref uint table, Span<uint> states, ReadOnlySpan<byte> classes, Span<byte> symbols, ref int done, ref int word)
    {
        ref byte source = ref MemoryMarshal.GetReference(words);
        ref byte kind = ref MemoryMarshal.GetReference(classes);
        int w = word, i = done, lastWord = words.Length / sizeof(ushort) - states.Length, lastRound = symbols.Length - states.Length;
        bool hasClasses = !classes.IsEmpty;
        for (; i <= lastRound && w <= lastWord; i += states.Length)
        {
            var target = symbols.Slice(i, states.Length);
            for (int k = 0; k < target.Length; k++)
            {
                uint state = states[k], index = state & (FrequencyTable.Total - 1);
                if (hasClasses) index += (uint)Unsafe.Add(ref kind, i + k) << FrequencyTable.Bits;
                uint slot = Unsafe.Add(ref table, index);
                target[k] = (byte)(slot >> 24);
                state = ((slot >> FrequencyTable.Bits & (FrequencyTable.Total - 1)) + 1) * (state >> FrequencyTable.Bits) + (slot & (FrequencyTable.Total - 1));
                int taken = (int)((ulong)state - RansEncoder.Low >> 63); // 1 where the state is below, else 0
                uint next = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref source, sizeof(ushort) * w));
                if (!BitConverter.IsLittleEndian) next = BinaryPrimitives.ReverseEndianness((ushort)next);
                states[k] = state << 16 * taken | next & (uint)-taken;
                w += taken;
            }
        }
        (done, word) = (i, w);
    }

    private static void Decode32(ReadOnlySpan<byte> words, uint[] slots, Span<uint> states, Span<byte> symbols, ref int done, ref int word)
    {
        ref ushort source = ref Unsafe.As<byte, ushort>(ref MemoryMarshal.GetReference(words));
        ref byte target = ref MemoryMarshal.GetReference(symbols);
        ref uint table = ref MemoryMarshal.GetArrayDataReference(slots);
        Vector256<uint> a = Vector256.Create<uint>(states), b = Vector256.Create<uint>(states[8..]), c = Vector256.Create<uint>(states[16..]), d = Vector256.Create<uint>(states[24..]);
        int i = done, w = word, lastWord = words.Length / sizeof(ushort) - RansEncoder.MaxLanes;
        var low = Vector256.Create((uint)FrequencyTable.Total - 1);
        // A round decodes a symbol of each lane, and needs at most a word for each.
        for (; i <= symbols.Length - RansEncoder.MaxLanes && w <= lastWord; i += RansEncoder.MaxLanes)
        {
            a = Step(a, a & low, ref table, ref source, ref w, ref Unsafe.Add(ref target, i));
            b = Step(b, b & low, ref table, ref source, ref w, ref Unsafe.Add(ref target, i + 8));
            c = Step(c, c & low, ref table, ref source, ref w, ref Unsafe.Add(ref target, i + 16));
            d = Step(d, d & low, ref table, ref source, ref w, ref Unsafe.Add(ref target, i + 24));
        }
        a.CopyTo(states);
        b.CopyTo(states[8..]);
        c.CopyTo(states[16..]);
        d.CopyTo(states[24..]);
        (done, word) = (i, w);
    }

    private static void DecodeClasses32(ReadOnlySpan<byte> words, uint[] slots, Span<uint> states, ReadOnlySpan<byte> classes, Span<byte> symbols, ref int done, ref int word)
    {
        classes = classes[..symbols.Length];
        ref ushort source = ref Unsafe.As<byte, ushort>(ref MemoryMarshal.GetReference(words));
        ref byte target = ref MemoryMarshal.GetReference(symbols), origin = ref MemoryMarshal.GetReference(classes);
        ref uint table = ref MemoryMarshal.GetArrayDataReference(slots);
        Vector256<uint> a = Vector256.Create<uint>(states), b = Vector256.Create<uint>(states[8..]), c = Vector256.Create<uint>(states[16..]), d = Vector256.Create<uint>(states[24..]);
        int i = done, w = word, lastWord = words.Length / sizeof(ushort) - RansEncoder.MaxLanes;
        for (; i <= symbols.Length - RansEncoder.MaxLanes && w <= lastWord; i += RansEncoder.MaxLanes)
        {
            a = Step(a, Index(a, ref Unsafe.Add(ref origin, i)), ref table, ref source, ref w, ref Unsafe.Add(ref target, i));
            b = Step(b, Index(b, ref Unsafe.Add(ref origin, i + 8)), ref table, ref source, ref w, ref Unsafe.Add(ref target, i + 8));
            c = Step(c, Index(c, ref Unsafe.Add(ref origin, i + 16)), ref table, ref source, ref w, ref Unsafe.Add(ref target, i + 16));
            d = Step(d, Index(d, ref Unsafe.Add(ref origin, i + 24)), ref table, ref source, ref w, ref Unsafe.Add(ref target, i + 24));
        }
        a.CopyTo(states);
        b.CopyTo(states[8..]);
        c.CopyTo(states[16..]);
        d.CopyTo(states[24..]);
        (done, word) = (i, w);
    }

    private static void Decode8(ReadOnlySpan<byte> words, uint[] slots, Span<uint> states, ReadOnlySpan<byte> classes, Span<byte> symbols, ref int done, ref int word)
    {
        ref ushort source = ref Unsafe.As<byte, ushort>(ref MemoryMarshal.GetReference(words));
        ref byte target = ref MemoryMarshal.GetReference(symbols), origin = ref MemoryMarshal.GetReference(classes);
        ref uint table = ref MemoryMarshal.GetArrayDataReference(slots);
        bool hasClasses = !classes.IsEmpty;
        if (hasClasses) classes = classes[..symbols.Length];
        var a = Vector256.Create<uint>(states);
        var low = Vector256.Create((uint)FrequencyTable.Total - 1);
        int i = done, w = word, lastWord = words.Length / sizeof(ushort) - 8;
        for (; i <= symbols.Length - 8 && w <= lastWord; i += 8)
            a = Step(a, hasClasses ? Index(a, ref Unsafe.Add(ref origin, i)) : a & low, ref table, ref source, ref w, ref Unsafe.Add(ref target, i));
        a.CopyTo(states);
        (done, word) = (i, w);
    }

    // The slots of eight lanes whose symbols are of given classes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Index(Vector256<uint> state, ref byte classes) =>
        Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref classes)).AsByte()).AsUInt32() << FrequencyTable.Bits | state & Vector256.Create((uint)FrequencyTable.Total - 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<uint> Step(Vector256<uint> state, Vector256<uint> index, ref uint table, ref ushort source, ref int word, ref byte symbols)
    {
        var low = Vector256.Create((uint)FrequencyTable.Total - 1);
        Vector256<uint> slot;
        fixed (uint* start = &table) slot = Avx2.GatherVector256(start, index.AsInt32(), sizeof(uint));
        var wide = slot >>> 24;
        var narrow = Vector128.Narrow(wide.GetLower(), wide.GetUpper());
        Unsafe.WriteUnaligned(ref symbols, Vector128.Narrow(narrow, narrow).AsUInt64().ToScalar());
        state = ((slot >>> FrequencyTable.Bits & low) + Vector256<uint>.One) * (state >>> FrequencyTable.Bits) + (slot & low);

        var isShort = Vector256.LessThan(state, Vector256.Create(RansEncoder.Low));
        uint mask = isShort.ExtractMostSignificantBits();
        var next = Avx2.PermuteVar8x32(Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(ref Unsafe.Add(ref source, word))).AsUInt32(), Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(s_expansions), mask));
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

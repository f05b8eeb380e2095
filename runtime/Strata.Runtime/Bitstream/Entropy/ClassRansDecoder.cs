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
    /// <param name="tables">The shares of symbols in each class.</param>
    /// <param name="vectors">Whether to use vectors of 256 bits; by default where the processor has them.</param>
    public ClassRansDecoder(ushort[][] tables, bool? vectors = null)
    {
        slots = ArrayPool<uint>.Shared.Rent(FrequencyTable.Total * tables.Length + FrequencyTable.Slack);
        for (int k = 0; k < tables.Length; k++) FrequencyTable.FillSlots(tables[k], slots.AsSpan(FrequencyTable.Total * k, FrequencyTable.Total + FrequencyTable.Slack));
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
        bool isFull = isVector && words.Length >= sizeof(ushort) * lanes;
        if (isFull && lanes == 32) Decode32(words, slots, states, classes, symbols[..most], ref done, ref word);
        else if (isFull && lanes == 8) Decode8(words, slots, states, classes, symbols[..most], ref done, ref word);
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

    private static unsafe void Decode32(ReadOnlySpan<byte> words, uint[] slots, Span<uint> states, ReadOnlySpan<byte> classes, Span<byte> symbols, ref int done, ref int word)
    {
        bool hasClasses = !classes.IsEmpty;
        if (hasClasses) classes = classes[..symbols.Length];
        int i = done, lastWord = words.Length / sizeof(ushort) - RansEncoder.MaxLanes, lastRound = symbols.Length - RansEncoder.MaxLanes;
        fixed (byte* source = words, target = symbols, kinds = classes, expansions = s_expansions)
        fixed (uint* table = slots)
        {
            Vector256<uint> a = Vector256.Create<uint>(states), b = Vector256.Create<uint>(states[8..]), c = Vector256.Create<uint>(states[16..]), d = Vector256.Create<uint>(states[24..]);
            byte* next = source + sizeof(ushort) * word, last = source + sizeof(ushort) * lastWord;
            // A round decodes a symbol of each lane, and needs at most a word for each.
            for (; i <= lastRound && next <= last; i += RansEncoder.MaxLanes)
            {
                Vector256<uint> slotA, slotB, slotC, slotD;
                if (hasClasses)
                {
                    byte* kind = kinds + i;
                    (slotA, slotB, slotC, slotD) = (Gather(table, Index(a, kind)), Gather(table, Index(b, kind + 8)), Gather(table, Index(c, kind + 16)), Gather(table, Index(d, kind + 24)));
                }
                else (slotA, slotB, slotC, slotD) = (Gather(table, Index(a)), Gather(table, Index(b)), Gather(table, Index(c)), Gather(table, Index(d)));
                a = Refill(Next(a, slotA), expansions, ref next);
                b = Refill(Next(b, slotB), expansions, ref next);
                c = Refill(Next(c, slotC), expansions, ref next);
                d = Refill(Next(d, slotD), expansions, ref next);
                // Packing interleaves the halves: [a0–3 b0–3 c0–3 d0–3 | a4–7 …].
                var packed = Avx2.PackUnsignedSaturate(
                    Avx2.PackUnsignedSaturate((slotA >>> 24).AsInt32(), (slotB >>> 24).AsInt32()).AsInt16(),
                    Avx2.PackUnsignedSaturate((slotC >>> 24).AsInt32(), (slotD >>> 24).AsInt32()).AsInt16());
                Avx2.PermuteVar8x32(packed.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte().Store(target + i);
            }
            a.CopyTo(states);
            b.CopyTo(states[8..]);
            c.CopyTo(states[16..]);
            d.CopyTo(states[24..]);
            word = (int)(next - source) / sizeof(ushort);
        }
        done = i;
    }

    private static unsafe void Decode8(ReadOnlySpan<byte> words, uint[] slots, Span<uint> states, ReadOnlySpan<byte> classes, Span<byte> symbols, ref int done, ref int word)
    {
        bool hasClasses = !classes.IsEmpty;
        if (hasClasses) classes = classes[..symbols.Length];
        int i = done, lastWord = words.Length / sizeof(ushort) - 8, lastRound = symbols.Length - 8;
        fixed (byte* source = words, target = symbols, kinds = classes, expansions = s_expansions)
        fixed (uint* table = slots)
        {
            var a = Vector256.Create<uint>(states);
            byte* next = source + sizeof(ushort) * word, last = source + sizeof(ushort) * lastWord;
            for (; i <= lastRound && next <= last; i += 8)
            {
                var slot = Gather(table, hasClasses ? Index(a, kinds + i) : Index(a));
                a = Refill(Next(a, slot), expansions, ref next);
                var packed = Avx2.Shuffle(slot.AsByte(), Vector256.Create(0xFFFFFFFF_0F0B0703UL).AsByte()).AsUInt32();
                *(ulong*)(target + i) = packed.GetLower().ToScalar() | (ulong)packed.GetUpper().ToScalar() << 32;
            }
            a.CopyTo(states);
            word = (int)(next - source) / sizeof(ushort);
        }
        done = i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Index(Vector256<uint> state) => state & Vector256.Create((uint)FrequencyTable.Total - 1);

    // The slots of eight lanes whose symbols are of given classes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<uint> Index(Vector256<uint> state, byte* classes) => Avx2.ConvertToVector256Int32(classes).AsUInt32() << FrequencyTable.Bits | Index(state);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<uint> Gather(uint* table, Vector256<uint> index)
    {
        var lower = index.GetLower().AsUInt64(); var upper = index.GetUpper().AsUInt64();
        ulong a = lower.ToScalar(), b = lower.GetElement(1), c = upper.ToScalar(), d = upper.GetElement(1);
        return Vector256.Create(
            Vector128.Create(table[(uint)a], table[a >> 32], table[(uint)b], table[b >> 32]),
            Vector128.Create(table[(uint)c], table[c >> 32], table[(uint)d], table[d >> 32]));
    }

    // States behind the symbols of slots.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Next(Vector256<uint> state, Vector256<uint> slot)
    {
        var low = Vector256.Create((uint)FrequencyTable.Total - 1);
        return ((slot >>> FrequencyTable.Bits & low) + Vector256<uint>.One) * (state >>> FrequencyTable.Bits) + (slot & low);
    }

    // Lanes below the limit get the next words.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<uint> Refill(Vector256<uint> state, byte* expansions, ref byte* words)
    {
        var isShort = Vector256.Equals(state >>> 16, Vector256<uint>.Zero);
        uint mask = isShort.ExtractMostSignificantBits();
        var next = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(words), Vector256.Load(expansions + (nuint)mask * (uint)Vector256<byte>.Count));
        words += (nuint)sizeof(ushort) * (uint)BitOperations.PopCount(mask);
        return Avx2.BlendVariable(state, state << 16, isShort) | next.AsUInt32();
    }

    // For each set of lanes that want a word: which bytes of the next eight words each lane takes; 255 for zeros.
    private static readonly byte[] s_expansions = [.. Enumerable.Range(0, 256).SelectMany(mask =>
    {
        var taken = new byte[sizeof(uint) * 8];
        taken.AsSpan().Fill(255);
        for (int lane = 0, next = 0; lane < 8; lane++)
        {
            if ((mask >> lane & 1) == 0) continue;
            taken[sizeof(uint) * lane] = (byte)next++;
            taken[sizeof(uint) * lane + 1] = (byte)next++;
        }
        return taken;
    })];
}

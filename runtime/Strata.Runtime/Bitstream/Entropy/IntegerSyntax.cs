using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Strata.Bitstream.Entropy;

/// <summary>
/// Small integers that describe how a tensor is coded (docs/bitstream.md, "Integers"): each is coded under a context that learns how large
/// its integers are. A layout is written once as calls on this class; a writer codes the values, a reader replaces them.
/// </summary>
internal abstract class IntegerSyntax
{
    /// <summary>The largest integer that can be coded.</summary>
    public const int Most = int.MaxValue - 1;

    private const int PrefixSlots = 32, TreeBits = 3, TreeSlots = 1 << TreeBits;

    private const int CorrectionLimit = 30;

    /// <summary>Number of contexts.</summary>
    public const int Contexts = 128;

    private const int SlotsOfContext = PrefixSlots + PrefixSlots * TreeSlots + PrefixSlots, FewContexts = 12;

    // Slots of the contexts that have occurred, and where those of a context start, plus 1.
    private uint[] slots = ArrayPool<uint>.Shared.Rent(FewContexts * SlotsOfContext);
    private ContextStarts starts;
    private int used;

    [InlineArray(Contexts)]
    private struct ContextStarts
    {
        private byte first;
    }

    /// <summary>True when integers are being read.</summary>
    public abstract bool IsReading { get; }

    /// <summary>An integer in [0, <paramref name="max"/>].</summary>
    /// <exception cref="StrataFormatException">The one that was read is larger.</exception>
    public void Unsigned(int context, ref int value, int max = Most)
    {
        int known = Code(ref SlotsOf(context), value);
        if (!IsReading) return;
        value = known;
        if (known > max) throw new StrataFormatException($"an integer of a tensor's description is {known}, allowed are 0 to {max}");
    }

    /// <summary>An integer of either sign; 0, −1, 1, −2, … are coded as 0, 1, 2, 3, ….</summary>
    public void Signed(int context, ref int value)
    {
        int zigzag = value << 1 ^ value >> 31;
        Unsigned(context, ref zigzag);
        value = zigzag >> 1 ^ -(zigzag & 1);
    }

    /// <summary>Codes an integer under the slots of a context: a writer that which is given, a reader gives that which it reads.</summary>
    protected abstract int Code(ref uint slots, int value);

    /// <summary>Codes bits: a writer those that are given, a reader gives those that it reads.</summary>
    protected interface IBits
    {
        /// <summary>A bit that is 1 with a probability of so many 4096ths.</summary>
        int Code(uint probability, int bit);
    }

    /// <summary>The layout of an integer: the number of bits behind the highest of value + 1, in unary; then those bits, the first ones as a tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static int Walk<TBits>(ref TBits coder, ref uint slots, int value) where TBits : struct, IBits, allows ref struct
    {
        uint wide = (uint)value + 1;
        int bits = BitOperations.Log2(wide), known = 0;
        while (known < 30 && Bit(ref coder, ref Unsafe.Add(ref slots, known), known < bits ? 1 : 0) != 0) known++;
        uint node = 1;
        for (int j = known - 1; j >= 0; j--)
        {
            ref uint slot = ref Unsafe.Add(ref slots, PrefixSlots + (node < TreeSlots ? TreeSlots * known + (int)node : PrefixSlots * TreeSlots + j));
            node = node << 1 | (uint)Bit(ref coder, ref slot, (int)(wide >> j & 1));
        }
        return (int)(node - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Bit<TBits>(ref TBits coder, ref uint slot, int bit) where TBits : struct, IBits, allows ref struct
    {
        uint value = slot;
        bit = coder.Code(Math.Max(value >> 20, 1), bit);
        AdaptiveBit.Correct(ref value, bit, CorrectionLimit);
        slot = value;
        return bit;
    }

    private ref uint SlotsOf(int context)
    {
        int start = starts[context];
        return ref start == 0 ? ref Add(context) : ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(slots), SlotsOfContext * (start - 1));
    }

    private ref uint Add(int context)
    {
        if (SlotsOfContext * (used + 1) > slots.Length)
        {
            uint[] more = ArrayPool<uint>.Shared.Rent(Math.Max(FewContexts * SlotsOfContext, 2 * slots.Length));
            slots.AsSpan(0, SlotsOfContext * used).CopyTo(more);
            ArrayPool<uint>.Shared.Return(slots);
            slots = more;
        }
        var own = slots.AsSpan(SlotsOfContext * used, SlotsOfContext);
        own.Fill(AdaptiveBit.Even);
        starts[context] = (byte)++used;
        return ref own[0];
    }

    /// <summary>Gives the contexts' memory back and forgets what they have learned.</summary>
    public void Release()
    {
        ArrayPool<uint>.Shared.Return(slots);
        (slots, starts, used) = ([], default, 0);
    }
}

/// <summary>Codes integers: predicted from the first bit to the last, coded from the last to the first.</summary>
internal sealed class IntegerWriter : IntegerSyntax
{
    private readonly List<ushort> decisions = []; // the probability of 1, and the bit

    public override bool IsReading => false;

    protected override int Code(ref uint slots, int value)
    {
        var bits = new Decisions(decisions);
        return Walk(ref bits, ref slots, value);
    }

    private readonly struct Decisions(List<ushort> decisions) : IBits
    {
        public int Code(uint probability, int bit)
        {
            decisions.Add((ushort)(probability << 1 | (uint)bit));
            return bit;
        }
    }

    /// <summary>The stream: a state, then words.</summary>
    public byte[] End()
    {
        var words = new List<ushort>();
        uint state = RansEncoder.Low;
        for (int i = decisions.Count - 1; i >= 0; i--)
        {
            uint one = (uint)decisions[i] >> 1;
            var (start, share) = (decisions[i] & 1) != 0 ? (0u, one) : (one, FrequencyTable.Total - one);
            if (state >> (32 - FrequencyTable.Bits) >= share)
            {
                words.Add((ushort)state);
                state >>= 16;
            }
            state = (state / share << FrequencyTable.Bits) + state % share + start;
        }
        var stream = new byte[sizeof(uint) + sizeof(ushort) * words.Count];
        Release();
        BinaryPrimitives.WriteUInt32LittleEndian(stream, state);
        for (int k = 0; k < words.Count; k++) BinaryPrimitives.WriteUInt16LittleEndian(stream.AsSpan(sizeof(uint) + sizeof(ushort) * k), words[words.Count - 1 - k]);
        return stream;
    }
}

/// <summary>About what integers would take.</summary>
internal sealed class IntegerMeter : IntegerSyntax
{
    /// <summary>The length of the stream in bits, with 16 fractional bits; integer arithmetic only.</summary>
    public long Bits { get; private set; }

    public override bool IsReading => false;

    protected override int Code(ref uint slots, int value)
    {
        var sum = new Sum();
        value = Walk(ref sum, ref slots, value);
        Bits += sum.Bits;
        return value;
    }

    private struct Sum : IBits
    {
        public long Bits;

        public int Code(uint probability, int bit)
        {
            Bits += FrequencyTable.CostOf((int)(bit != 0 ? probability : FrequencyTable.Total - probability));
            return bit;
        }
    }
}

/// <summary>Reads what <see cref="IntegerWriter"/> codes.</summary>
internal sealed class IntegerReader : IntegerSyntax
{
    private readonly ReadOnlyMemory<byte> stream;
    private uint state;
    private int position = sizeof(uint);

    /// <summary>Starts a stream.</summary>
    /// <exception cref="StrataFormatException">It has no state.</exception>
    public IntegerReader(ReadOnlyMemory<byte> stream)
    {
        if (stream.Length < sizeof(uint)) throw new StrataFormatException($"a tensor's description cannot be {stream.Length} bytes");
        (this.stream, state) = (stream, BinaryPrimitives.ReadUInt32LittleEndian(stream.Span));
    }

    public override bool IsReading => true;

    protected override int Code(ref uint slots, int value)
    {
        var bits = new Bits(stream.Span, state, position);
        value = Walk(ref bits, ref slots, value);
        (state, position) = (bits.State, bits.Position);
        return value;
    }

    private ref struct Bits(ReadOnlySpan<byte> stream, uint state, int position) : IBits
    {
        private readonly ReadOnlySpan<byte> stream = stream;

        public uint State = state;
        public int Position = position;

        // Bits are hard to foresee: no branch depends on them here.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Code(uint probability, int bit)
        {
            uint slot = State & (FrequencyTable.Total - 1), isOne = (uint)((int)(slot - probability) >> 31);
            uint share = (FrequencyTable.Total - probability) ^ ((FrequencyTable.Total - probability ^ probability) & isOne);
            State = share * (State >> FrequencyTable.Bits) + slot - (probability & ~isOne);
            if (State < RansEncoder.Low) Refill();
            return (int)(isOne & 1);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Refill()
        {
            if (Position > stream.Length - sizeof(ushort)) throw Ended();
            State = State << 16 | BinaryPrimitives.ReadUInt16LittleEndian(stream[Position..]);
            Position += sizeof(ushort);
        }

        private static StrataFormatException Ended() => new("a tensor's description ends before its integers do");
    }

    /// <summary>Checks that the stream ends here.</summary>
    /// <exception cref="StrataFormatException">It does not.</exception>
    public void End()
    {
        if (position != stream.Length || state != RansEncoder.Low) throw new StrataFormatException("a tensor's description does not end where its integers do: it is corrupt");
        Release();
    }
}

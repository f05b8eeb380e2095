using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

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

    private readonly uint[]?[] contexts = new uint[]?[Contexts];

    /// <summary>True when integers are being read.</summary>
    public abstract bool IsReading { get; }

    /// <summary>An integer in [0, <paramref name="max"/>].</summary>
    /// <exception cref="StrataFormatException">The one that was read is larger.</exception>
    public void Unsigned(int context, ref int value, int max = Most)
    {
        ref uint[]? slots = ref contexts[context];
        if (slots is null)
        {
            slots = new uint[PrefixSlots + PrefixSlots * TreeSlots + PrefixSlots];
            slots.AsSpan().Fill(AdaptiveBit.Even);
        }
        uint wide = (uint)value + 1;
        int bits = BitOperations.Log2(wide), known = 0;
        // The number of bits behind the highest of value + 1, in unary; then those bits, the first ones as a tree.
        while (known < 30 && Bit(ref slots[known], known < bits ? 1 : 0) != 0) known++;
        uint node = 1;
        for (int j = known - 1; j >= 0; j--)
        {
            ref uint slot = ref slots[PrefixSlots + (node < TreeSlots ? TreeSlots * known + (int)node : PrefixSlots * TreeSlots + j)];
            node = node << 1 | (uint)Bit(ref slot, (int)(wide >> j & 1));
        }
        if (!IsReading) return;
        value = (int)(node - 1);
        if (value > max) throw new StrataFormatException($"an integer of a tensor's description is {value}, allowed are 0 to {max}");
    }

    /// <summary>An integer of either sign; 0, −1, 1, −2, … are coded as 0, 1, 2, 3, ….</summary>
    public void Signed(int context, ref int value)
    {
        int zigzag = value << 1 ^ value >> 31;
        Unsigned(context, ref zigzag);
        value = zigzag >> 1 ^ -(zigzag & 1);
    }

    /// <summary>Codes one bit: a writer that which is given, a reader gives that which it reads.</summary>
    protected abstract int Code(int probability, int bit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Bit(ref uint slot, int bit)
    {
        bit = Code(Math.Clamp((int)(slot >> 20), 1, FrequencyTable.Total - 1), bit);
        AdaptiveBit.Correct(ref slot, bit, CorrectionLimit);
        return bit;
    }
}

/// <summary>Codes integers: predicted from the first bit to the last, coded from the last to the first.</summary>
internal sealed class IntegerWriter : IntegerSyntax
{
    private readonly List<ushort> decisions = []; // the probability of 1, and the bit

    public override bool IsReading => false;

    protected override int Code(int probability, int bit)
    {
        decisions.Add((ushort)(probability << 1 | bit));
        return bit;
    }

    /// <summary>About the length of the stream in bits, with 16 fractional bits; integer arithmetic only.</summary>
    public long Bits => decisions.Sum(d => FrequencyTable.CostOf((d & 1) != 0 ? d >> 1 : FrequencyTable.Total - (d >> 1)));

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
        BinaryPrimitives.WriteUInt32LittleEndian(stream, state);
        for (int k = 0; k < words.Count; k++) BinaryPrimitives.WriteUInt16LittleEndian(stream.AsSpan(sizeof(uint) + sizeof(ushort) * k), words[words.Count - 1 - k]);
        return stream;
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

    protected override int Code(int probability, int bit)
    {
        uint one = (uint)probability, slot = state & (FrequencyTable.Total - 1);
        bit = slot < one ? 1 : 0;
        state = bit != 0 ? one * (state >> FrequencyTable.Bits) + slot : (FrequencyTable.Total - one) * (state >> FrequencyTable.Bits) + slot - one;
        if (state >= RansEncoder.Low) return bit;
        if (position > stream.Length - sizeof(ushort)) throw new StrataFormatException("a tensor's description ends before its integers do");
        state = state << 16 | BinaryPrimitives.ReadUInt16LittleEndian(stream.Span[position..]);
        position += sizeof(ushort);
        return bit;
    }

    /// <summary>Checks that the stream ends here.</summary>
    /// <exception cref="StrataFormatException">It does not.</exception>
    public void End()
    {
        if (position != stream.Length || state != RansEncoder.Low) throw new StrataFormatException("a tensor's description does not end where its integers do: it is corrupt");
    }
}

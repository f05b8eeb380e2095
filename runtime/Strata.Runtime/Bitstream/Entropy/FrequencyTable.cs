using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Strata.Bitstream.Syntax;

namespace Strata.Bitstream.Entropy;

/// <summary>How often each of 256 symbols occurs, as shares of <see cref="Total"/>: the static model of an entropy coder.</summary>
internal sealed class FrequencyTable
{
    /// <summary>Binary logarithm of <see cref="Total"/>.</summary>
    public const int Bits = 12;

    /// <summary>The sum of all shares.</summary>
    public const int Total = 1 << Bits;

    private const int Symbols = 256;

    private readonly ushort[] shares;

    private FrequencyTable(ushort[] shares)
    {
        this.shares = shares;
        int start = 0;
        for (int symbol = 0; symbol < Symbols; symbol++)
        {
            Starts[symbol] = (ushort)start;
            start += shares[symbol];
        }
    }

    /// <summary>The share of each symbol; 0 for one that does not occur.</summary>
    public ReadOnlySpan<ushort> Shares => shares;

    /// <summary>The sum of the shares of all smaller symbols.</summary>
    public ushort[] Starts { get; } = new ushort[Symbols];

    /// <summary>For each of <see cref="Total"/> slots: symbol (bits 24–31), its share less 1 (bits 12–23), position within the share (bits 0–11).</summary>
    public uint[] Slots
    {
        get
        {
            if (slots is not null) return slots;
            var filled = new uint[Total];
            FillSlots(shares, filled);
            return slots = filled;
        }
    }

    private uint[]? slots; // encoders need none

    /// <summary>Slots behind those of a table that filling it may overwrite, which makes it faster.</summary>
    public const int Slack = 8;

    /// <summary>Writes <see cref="Slots"/> of shares, which sum to <see cref="Total"/>, into a place of <see cref="Total"/> slots, or one with <see cref="Slack"/> more.</summary>
    public static void FillSlots(ReadOnlySpan<ushort> shares, Span<uint> target)
    {
        if (target.Length >= Total + Slack && Vector256.IsHardwareAccelerated)
        {
            FillWithSlack(shares, target);
            return;
        }
        for (int symbol = 0; symbol < shares.Length; symbol++)
        {
            if (shares[symbol] == 0) continue;
            // Symbol, share − 1, and distance from the start of the share: a decoder needs one look-up per symbol.
            uint slot = (uint)symbol << 24 | (uint)(shares[symbol] - 1) << Bits;
            foreach (ref uint each in target[..shares[symbol]]) each = slot++;
            target = target[shares[symbol]..];
        }
    }

    // Ascending, eight slots at a time: what is too much the next symbol overwrites. A symbol without a share writes, too, and is overwritten.
    private static void FillWithSlack(ReadOnlySpan<ushort> shares, Span<uint> target)
    {
        int sum = 0;
        foreach (ushort share in shares) sum += share;
        if (sum != Total) throw new ArgumentException($"shares sum to {sum}, not to {Total}");
        ref uint first = ref MemoryMarshal.GetReference(target);
        for (int symbol = 0; symbol < shares.Length; symbol++)
        {
            int share = shares[symbol];
            var slot = Vector256.Create(((uint)symbol << 24) + ((uint)share - 1 << Bits)) + Vector256<uint>.Indices;
            for (int k = 0; ;)
            {
                slot.StoreUnsafe(ref first, (nuint)k);
                if ((k += Slack) >= share) break;
                slot += Vector256.Create((uint)Slack);
            }
            first = ref Unsafe.Add(ref first, share);
        }
    }

    /// <summary>The table that fits given symbols, of which there is at least one. Integer arithmetic only: the same everywhere.</summary>
    public static FrequencyTable Of(ReadOnlySpan<byte> symbols)
    {
        var counts = new long[Symbols];
        foreach (byte symbol in symbols) counts[symbol]++;
        return new(SharesOf(counts));
    }

    /// <summary>The shares that fit given counts, not all 0, of up to 256 symbols; integer arithmetic only.</summary>
    public static ushort[] SharesOf(ReadOnlySpan<long> given)
    {
        var counts = given.ToArray();
        var shares = new ushort[counts.Length];
        long all = 0;
        foreach (long count in counts) all += count;
        int sum = 0;
        for (int s = 0; s < shares.Length; s++)
        {
            if (counts[s] > 0) sum += shares[s] = (ushort)Math.Max(1, (counts[s] * Total + all / 2) / all);
        }
        // One step costs a symbol about count / (share ± ½) nats: take it where that is least, give it where it is most.
        int step = Math.Sign(Total - sum);
        if (step == 0) return shares;
        Span<double> costs = stackalloc double[Symbols];
        costs.Fill(double.PositiveInfinity);
        for (int s = 0; s < shares.Length; s++) costs[s] = Cost(s);
        for (; sum != Total; sum += step)
        {
            int best = IndexOfLeast(costs);
            shares[best] = (ushort)(shares[best] + step);
            costs[best] = Cost(best);
        }
        return shares;

        double Cost(int s) => counts[s] == 0 || step < 0 && shares[s] == 1 ? double.PositiveInfinity : -step * (double)counts[s] / (2 * shares[s] + step);
    }

    // The first of the least ones.
    private static int IndexOfLeast(ReadOnlySpan<double> numbers)
    {
        var least = Vector256.Create(double.PositiveInfinity);
        for (int k = 0; k < numbers.Length; k += Vector256<double>.Count) least = Vector256.MinNative(least, Vector256.Create(numbers[k..]));
        double one = double.PositiveInfinity;
        for (int k = 0; k < Vector256<double>.Count; k++) one = Math.Min(one, least[k]);
        return numbers.IndexOf(one);
    }

    /// <summary>About how many bytes the symbols that the table was made of take; integer arithmetic only.</summary>
    public long EstimateBytes(ReadOnlySpan<byte> symbols)
    {
        long bits = 0;
        foreach (byte symbol in symbols) bits += CostOf(shares[symbol]);
        return bits >> (LogBits + 3);
    }

    /// <summary>Fractional bits of costs and logarithms.</summary>
    public const int LogBits = 16;

    private static readonly int[] s_costs = [0, .. Enumerable.Range(1, Total).Select(share => (int)(((long)Bits << LogBits) - Log2((uint)share)))];

    /// <summary>What a symbol with a share takes, in bits with <see cref="LogBits"/> fractional bits; 0 for share 0.</summary>
    public static long CostOf(int share) => s_costs[share];

    /// <summary>Binary logarithm of a number that is not 0, with <see cref="LogBits"/> fractional bits; integer arithmetic only.</summary>
    public static long Log2(ulong number)
    {
        int whole = BitOperations.Log2(number);
        // Squaring the mantissa, in [1, 2) with 31 fractional bits, yields one bit at a time.
        ulong mantissa = whole > 31 ? number >> whole - 31 : number << 31 - whole;
        long log = whole;
        for (int k = 0; k < LogBits; k++)
        {
            mantissa = mantissa * mantissa >> 31;
            log <<= 1;
            if (mantissa < 1UL << 32) continue;
            mantissa >>= 1;
            log |= 1;
        }
        return log;
    }

    /// <summary>The layout: the shares from symbol 0 on until they sum to <see cref="Total"/>; a zero is followed by how many more follow it.</summary>
    public static void Walk(FieldSyntax s, ref FrequencyTable? table)
    {
        var shares = table?.shares ?? new ushort[Symbols];
        int sum = 0;
        for (int symbol = 0; sum < Total; symbol++)
        {
            if (symbol == Symbols) throw new StrataFormatException($"a frequency table sums to {sum}, not to {Total}");
            long share = shares[symbol];
            s.Unsigned("share", ref share, Total - sum);
            (shares[symbol], sum) = ((ushort)share, sum + (int)share);
            if (share > 0) continue;
            long more = 0;
            while (!s.IsReading && shares[symbol + 1 + (int)more] == 0) more++;
            s.Unsigned("more_zeros", ref more, Symbols - 1 - symbol);
            symbol += (int)more;
        }
        if (s.IsReading) table = new(shares);
    }
}

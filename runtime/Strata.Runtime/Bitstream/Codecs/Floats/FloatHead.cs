using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Strata.Bitstream.Entropy;

namespace Strata.Bitstream.Codecs.Floats;

/// <summary>How words become symbols and rests, which are packed; and back.</summary>
internal abstract class FloatHead(FloatLayout layout, bool isSigned)
{
    private const int KindContext = 0, SignContext = 1;

    public FloatLayout Layout => layout;

    /// <summary>True when the highest bit of a rest is the sign; else all signs are 0.</summary>
    public bool IsSigned => isSigned;

    /// <summary>Bits of a rest but the sign.</summary>
    public abstract int LowBits { get; }

    /// <summary>Bits of a rest, at most 25.</summary>
    public int RestBits => LowBits + (isSigned ? 1 : 0);

    /// <summary>Replaces words by their rests.</summary>
    public abstract void Rest(Span<uint> words);

    /// <summary>Replaces rests by their words.</summary>
    /// <param name="symbols">Their symbols, each below the number of codes; none of a palette.</param>
    /// <param name="words">The rests.</param>
    /// <exception cref="StrataFormatException">A rest is none of this head's.</exception>
    public abstract void Join(ReadOnlySpan<byte> symbols, Span<uint> words);

    protected uint SignOf(uint word) => isSigned && (word & layout.Sign) != 0 ? 1u << LowBits : 0;

    /// <summary>The description.</summary>
    /// <exception cref="StrataFormatException">It is none.</exception>
    public static void Walk(IntegerSyntax s, FloatLayout layout, ref FloatHead? value)
    {
        int kind = value is FloatPalette ? 1 : 0, sign = value is { IsSigned: true } ? 1 : 0;
        s.Unsigned(KindContext, ref kind, 1);
        s.Unsigned(SignContext, ref sign, 1);
        if (kind == 0)
        {
            var split = value as FloatSplit;
            FloatSplit.Walk(s, layout, sign != 0, ref split);
            value = split;
        }
        else
        {
            var palette = value as FloatPalette;
            FloatPalette.Walk(s, layout, sign != 0, ref palette);
            value = palette;
        }
    }
}

/// <summary>Exponent and leading mantissa bits, the <em>code</em>, as a symbol; the rest of the mantissa, but trailing bits that are always 0, and the sign as the rest.</summary>
internal sealed class FloatSplit(FloatLayout layout, bool isSigned, int leading, int trailing, int[] codes) : FloatHead(layout, isSigned)
{
    private const int MostLeading = 3, MostCodes = 256;

    private const int LeadingContext = 2, TrailingContext = 3, CountContext = 4, FirstContext = 5, GapContext = 6;

    /// <summary>Leading mantissa bits in a code.</summary>
    public int Leading => leading;

    /// <summary>The codes in ascending order: that of each symbol.</summary>
    public int[] Codes => codes;

    public override int LowBits => Layout.MantissaBits - leading - trailing;

    // By symbol: the code where it stands in a word; 0 for symbols that there are not.
    private readonly uint[] heads = [.. codes.Select(c => (uint)c << layout.MantissaBits - leading), .. new uint[MostCodes - codes.Length]];

    private int CodeShift => Layout.MantissaBits - leading;

    /// <summary>The split that makes words shortest where each symbol takes as much as its share says.</summary>
    public static FloatSplit Best(uint[] words, FloatLayout layout)
    {
        uint all = 0;
        foreach (uint word in words) all |= word;
        int trailing = Math.Min(layout.MantissaBits, System.Numerics.BitOperations.TrailingZeroCount(all));
        bool isSigned = (all & layout.Sign) != 0;
        (FloatSplit Split, long Bits)? best = null;
        for (int leading = 0; leading <= Math.Min(MostLeading, layout.MantissaBits - trailing); leading++)
        {
            var counts = new int[1 << layout.Bits - 1 - layout.MantissaBits + leading];
            int shift = layout.MantissaBits - leading;
            foreach (uint word in words) counts[(word & ~layout.Sign) >> shift]++;
            int[] codes = [.. Enumerable.Range(0, counts.Length).Where(c => counts[c] > 0)];
            if (codes.Length > MostCodes) break;
            long bits = words.Length * FrequencyTable.Log2((ulong)words.Length) + (((long)codes.Length * 8 - (long)words.Length * leading) << FrequencyTable.LogBits);
            foreach (int code in codes) bits -= counts[code] * FrequencyTable.Log2((ulong)counts[code]);
            if (best is null || bits < best.Value.Bits) best = (new(layout, isSigned, leading, trailing, codes), bits);
        }
        return best!.Value.Split;
    }

    /// <summary>The symbols of words.</summary>
    public byte[] Symbols(ReadOnlySpan<uint> words)
    {
        var numbers = new byte[codes[^1] + 1];
        for (int k = 0; k < codes.Length; k++) numbers[codes[k]] = (byte)k;
        var symbols = new byte[words.Length];
        for (int i = 0; i < symbols.Length; i++) symbols[i] = numbers[(words[i] & ~Layout.Sign) >> CodeShift];
        return symbols;
    }

    public override void Rest(Span<uint> words)
    {
        uint mask = (1u << LowBits) - 1;
        foreach (ref uint word in words) word = word >> trailing & mask | SignOf(word);
    }

    public override void Join(ReadOnlySpan<byte> symbols, Span<uint> words)
    {
        symbols = symbols[..words.Length];
        uint mask = (1u << LowBits) - 1;
        int i = 0, lift = Layout.Bits - 1 - LowBits; // of the sign
        if (Avx2.IsSupported) i = JoinVectors(symbols, words, mask, lift);
        for (; i < words.Length; i++) words[i] = heads[symbols[i]] | (words[i] & mask) << trailing | (words[i] & ~mask) << lift;
    }

    private unsafe int JoinVectors(ReadOnlySpan<byte> symbols, Span<uint> words, uint mask, int lift)
    {
        int i = 0;
        ref uint word = ref MemoryMarshal.GetReference(words);
        ref byte symbol = ref MemoryMarshal.GetReference(symbols);
        var low = Vector256.Create(mask);
        fixed (uint* table = heads)
        {
            for (; i <= words.Length - 8; i += 8)
            {
                var index = Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref symbol, i))).AsByte());
                var rest = Vector256.LoadUnsafe(ref word, (nuint)i);
                (Avx2.GatherVector256(table, index, sizeof(uint)) | (rest & low) << trailing | Vector256.AndNot(rest, low) << lift).StoreUnsafe(ref word, (nuint)i);
            }
        }
        return i;
    }

    /// <summary>The description.</summary>
    public static void Walk(IntegerSyntax s, FloatLayout layout, bool isSigned, ref FloatSplit? value)
    {
        int leading = value?.Leading ?? 0, trailing = value is null ? 0 : layout.MantissaBits - leading - value.LowBits, more = (value?.Codes.Length ?? 1) - 1;
        s.Unsigned(LeadingContext, ref leading, Math.Min(MostLeading, layout.MantissaBits));
        s.Unsigned(TrailingContext, ref trailing, layout.MantissaBits - leading);
        s.Unsigned(CountContext, ref more, MostCodes - 1);
        var codes = value?.Codes ?? new int[more + 1];
        int end = 1 << layout.Bits - 1 - layout.MantissaBits + leading, before = -1;
        foreach (ref int code in codes.AsSpan())
        {
            int gap = code - before - 1;
            s.Unsigned(before < 0 ? FirstContext : GapContext, ref gap, end - before - 2);
            before = code = before + 1 + gap;
        }
        value ??= new(layout, isSigned, leading, trailing, codes);
    }
}

/// <summary>Magnitudes that occur, in ascending order; the position of a word's magnitude and the sign as the rest.</summary>
internal sealed class FloatPalette(FloatLayout layout, bool isSigned, uint[] magnitudes) : FloatHead(layout, isSigned)
{
    private const int CountContext = 2, FirstContext = 5, GapContext = 6, MostMagnitudes = 1 << 16;

    public override int LowBits { get; } = System.Numerics.BitOperations.Log2((uint)Math.Max(1, 2 * magnitudes.Length - 1));

    public override void Rest(Span<uint> words)
    {
        foreach (ref uint word in words) word = (uint)magnitudes.AsSpan().BinarySearch(word & ~Layout.Sign) | SignOf(word);
    }

    public override void Join(ReadOnlySpan<byte> symbols, Span<uint> words)
    {
        uint mask = (1u << LowBits) - 1;
        int lift = Layout.Bits - 1 - LowBits;
        foreach (ref uint word in words)
        {
            uint number = word & mask;
            if (number >= magnitudes.Length) throw new StrataFormatException($"a number of a palette is {number}, there are {magnitudes.Length}");
            word = magnitudes[number] | (word & ~mask) << lift;
        }
    }

    /// <summary>The description.</summary>
    public static void Walk(IntegerSyntax s, FloatLayout layout, bool isSigned, ref FloatPalette? value)
    {
        int more = (value?.Magnitudes.Length ?? 1) - 1;
        s.Unsigned(CountContext, ref more, MostMagnitudes - 1);
        var magnitudes = value?.Magnitudes ?? new uint[more + 1];
        long before = -1, most = Math.Min(layout.Sign - 1, IntegerSyntax.Most);
        foreach (ref uint magnitude in magnitudes.AsSpan())
        {
            int gap = (int)(magnitude - before - 1);
            s.Unsigned(before < 0 ? FirstContext : GapContext, ref gap);
            before += 1L + gap;
            if (before > most) throw new StrataFormatException($"a magnitude of a palette is {before}, allowed are 0 to {most}");
            magnitude = (uint)before;
        }
        value ??= new(layout, isSigned, magnitudes);
    }

    private uint[] Magnitudes => magnitudes;
}

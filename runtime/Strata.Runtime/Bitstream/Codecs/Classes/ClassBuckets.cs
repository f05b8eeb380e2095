using System.Numerics;
using Strata.Bitstream.Entropy;

namespace Strata.Bitstream.Codecs.Classes;

/// <summary>
/// Symbols in a few buckets, in which they are about equally frequent: enough to see which classes are alike, long before
/// their tables are known. Integer arithmetic only.
/// </summary>
internal sealed class ClassBuckets
{
    // About what a table takes, in bits: those of its description, and half as many as its symbols for the time that making it takes.
    private const long DescriptionBits = 30L << FrequencyTable.LogBits;

    // Up to so many symbols are a bucket each.
    private const int FewSymbols = 32, DistanceBuckets = 16;

    // Buckets of distances: narrow ones where distances are short.
    private static readonly int[] s_firsts = [0, 1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129];

    private readonly byte[] bucketOf = new byte[256]; // of each symbol
    private readonly long[] widths; // logarithms of how many symbols share a bucket
    private readonly int shift;
    private readonly long tableBits;

    /// <summary>Buckets of symbols below a number: each symbol, or its distance from the centre, or logarithms in even steps.</summary>
    public ClassBuckets(int symbolCount, int centre, bool isLogarithm)
    {
        int count = isLogarithm ? FewSymbols : symbolCount <= FewSymbols ? symbolCount : DistanceBuckets;
        tableBits = DescriptionBits + ((long)symbolCount << FrequencyTable.LogBits - 1);
        shift = BitOperations.Log2((uint)Math.Max(count - 1, 1)) + 1;
        widths = new long[1 << shift];
        for (int s = 0; s < symbolCount; s++)
        {
            int bucket = symbolCount <= FewSymbols ? s : isLogarithm ? s * FewSymbols / symbolCount : s_firsts.AsSpan().BinarySearch(Math.Abs(s - centre));
            bucketOf[s] = (byte)(bucket < 0 ? ~bucket - 1 : bucket);
            widths[bucketOf[s]]++;
        }
        foreach (ref long width in widths.AsSpan()) width = width > 0 ? FrequencyTable.Log2((ulong)width) : 0;
    }

    /// <summary>Number of buckets.</summary>
    public int Count => 1 << shift;

    /// <summary>Counts symbols by what they are added to and their bucket.</summary>
    public void Add(ReadOnlySpan<byte> symbols, ReadOnlySpan<byte> sums, Span<int> counts)
    {
        byte[] map = bucketOf;
        int by = shift;
        sums = sums[..symbols.Length];
        for (int i = 0; i < symbols.Length; i++) counts[(sums[i] << by) + map[symbols[i]]]++;
    }

    /// <summary>The class of each sum of levels, and about what symbols and tables take: from one class for each, neighbours become one as long as that saves something.</summary>
    /// <param name="counts">Of each sum and bucket.</param>
    /// <param name="all">Symbols.</param>
    /// <param name="counted">How many of them were counted.</param>
    /// <param name="least">So many symbols are enough for a class to begin with.</param>
    public (byte[] Classes, long Bits) Classes(ReadOnlySpan<int> counts, long all, long counted, int least)
    {
        int sums = counts.Length / Count, parts = 0;
        var classes = new byte[sums];
        // The counts of parts, one behind the other, up to which sum each goes, and what each takes alone and with the next one.
        var merged = new int[counts.Length];
        var lasts = new int[sums];
        long[] costs = new long[sums], unions = new long[sums];
        Span<int> open = stackalloc int[Count];
        open.Clear();
        long sum = 0;
        for (int k = 0; k < sums; k++)
        {
            Add(open, counts.Slice(k * Count, Count));
            foreach (int count in counts.Slice(k * Count, Count)) sum += count;
            if (sum * all < least * counted && k + 1 < sums || sum == 0) continue;
            open.CopyTo(Part(parts));
            lasts[parts++] = k;
            open.Clear();
            sum = 0;
        }
        for (int i = 0; i < parts; i++) costs[i] = Scaled(Cost(Part(i)));
        for (int i = 0; i + 1 < parts; i++) unions[i] = Union(i);
        while (parts > 1)
        {
            int chosen = 0;
            long saved = long.MinValue;
            for (int i = 0; i + 1 < parts; i++)
            {
                if (costs[i] + costs[i + 1] + tableBits - unions[i] is var own && own > saved) (chosen, saved) = (i, own);
            }
            if (saved <= 0 && parts <= ClassLevels.MostClasses) break;
            Add(Part(chosen), Part(chosen + 1));
            costs[chosen] = unions[chosen];
            lasts[chosen] = lasts[chosen + 1];
            parts--;
            for (int i = chosen + 1; i < parts; i++)
            {
                Part(i + 1).CopyTo(Part(i));
                (costs[i], lasts[i], unions[i]) = (costs[i + 1], lasts[i + 1], unions[i + 1]);
            }
            if (chosen + 1 < parts) unions[chosen] = Union(chosen);
            if (chosen > 0) unions[chosen - 1] = Union(chosen - 1);
        }
        for (int k = 0, part = 0; k < sums; k++)
        {
            if (k > lasts[part] && part + 1 < parts) part++;
            classes[k] = (byte)part;
        }
        long bits = parts * tableBits;
        for (int i = 0; i < parts; i++) bits += costs[i];
        return (classes, bits);

        Span<int> Part(int i) => merged.AsSpan(i * Count, Count);
        long Scaled(long cost) => (long)((Int128)cost * all / counted);
        long Union(int i)
        {
            Span<int> both = stackalloc int[Count];
            Part(i).CopyTo(both);
            Add(both, Part(i + 1));
            return Scaled(Cost(both));
        }
    }

    private static void Add(Span<int> target, ReadOnlySpan<int> counts)
    {
        for (int b = 0; b < target.Length; b++) target[b] += counts[b];
    }

    // Their entropy, and which symbol of its bucket each is.
    private long Cost(ReadOnlySpan<int> counts)
    {
        long all = 0, bits = 0;
        for (int b = 0; b < counts.Length; b++)
        {
            int count = counts[b];
            all += count;
            bits += count * (widths[b] - CoarseLog.Of(count));
        }
        return bits + all * CoarseLog.Of(all);
    }
}

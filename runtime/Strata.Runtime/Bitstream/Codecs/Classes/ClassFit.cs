using Strata.Bitstream.Entropy;

namespace Strata.Bitstream.Codecs.Classes;

/// <summary>The table that makes symbols of given counts shortest, and what symbols and table take: bits with 16 fractional ones.</summary>
internal readonly record struct ClassFit(ClassTable Table, long Bits)
{
    // No description takes less for each symbol that occurs.
    private const long LeastShareBits = 2L << FrequencyTable.LogBits;

    /// <summary>The best table of counts, not all 0, whose curve would have a given centre.</summary>
    public static ClassFit Best(int[] counts, int centre)
    {
        var curve = BestCurve(counts, centre);
        long all = 0, least = 0;
        foreach (int count in counts)
        {
            if (count == 0) continue;
            all += count;
            least += LeastShareBits - count * FrequencyTable.Log2((ulong)count);
        }
        least += all * FrequencyTable.Log2((ulong)all);
        if (curve is { } fit && fit.Bits <= least) return fit;
        ushort[] shares = FrequencyTable.SharesOf(Array.ConvertAll(counts, c => (long)c));
        var best = curve;
        // Shares need not be known better than the counts tell.
        for (int precision = Math.Clamp(System.Numerics.BitOperations.Log2((ulong)all) / 2 - 4, 1, 6); precision <= ClassTable.MostPrecision; precision += 3)
        {
            if (ClassTable.Of(shares, new(centre, FirstOf(counts), LastOf(counts), precision)) is not { } table) continue;
            long bits = Cost(counts, table) + table.DescriptionBits();
            if (best is null || bits < best.Value.Bits) best = new(table, bits);
            break;
        }
        return best!.Value;
    }

    private static int FirstOf(int[] counts) => counts.AsSpan().IndexOfAnyExcept(0);

    private static int LastOf(int[] counts) => counts.AsSpan().LastIndexOfAnyExcept(0);

    private static long Cost(int[] counts, ClassTable table)
    {
        long bits = 0;
        for (int s = 0; s < counts.Length; s++) bits += counts[s] * FrequencyTable.CostOf(table.Shares[s]);
        return bits;
    }

    private static ClassFit? BestCurve(int[] counts, int centre)
    {
        int symbols = counts.Length, all = counts.Sum();
        var distances = new int[symbols];
        for (int s = 0; s < symbols; s++) distances[Math.Abs(s - centre)] += counts[s];
        int outer = distances.AsSpan().LastIndexOfAnyExcept(0), inner = distances.AsSpan(0, outer + 1)[..Math.Max(0, outer)].LastIndexOfAnyExcept(0);
        if (outer == 0) return null;
        ClassFit? best = null;
        Consider(outer, 0, 0);
        if (inner > 0) Consider(inner, outer, Share(distances[outer], 2));
        return best;

        int Share(int count, int sharers) => (int)Math.Max(1, ((long)count * FrequencyTable.Total / all + sharers / 2) / sharers);

        void Consider(int radius, int edges, int edge)
        {
            var (shape, scale) = Climb(distances, radius, centre, symbols, isPeaked: false);
            Keep(new(shape, scale, centre, radius, edges, edge, 0));
            (shape, scale) = Climb(distances, radius, centre, symbols, isPeaked: true);
            if (counts[centre] > 0) Keep(new(shape, scale, centre, radius, edges, edge, Share(counts[centre], 1)));
        }

        void Keep(ClassTable.Curve curve)
        {
            if (ClassTable.Of(symbols, curve) is not { } table) return;
            for (int s = 0; s < symbols; s++)
            {
                if (counts[s] > 0 && table.Shares[s] == 0) return;
            }
            long bits = Cost(counts, table) + table.DescriptionBits();
            if (best is null || bits < best.Value.Bits) best = new(table, bits);
        }
    }

    // Shape and scale that make distances up to a radius shortest, by steps downhill from those of a Gaussian of the same mean distance.
    private static (int Shape, int Scale) Climb(int[] distances, int radius, int centre, int symbols, bool isPeaked)
    {
        long sum = 0, count = 0;
        for (int d = isPeaked ? 1 : 0; d <= radius; d++) (sum, count) = (sum + (long)d * distances[d], count + distances[d]);
        int scale = count == 0 ? 0 : (int)(8 * (FrequencyTable.Log2((ulong)((sum << 8) / count + 16)) - (7L << FrequencyTable.LogBits)) >> FrequencyTable.LogBits), shape = 5;
        scale = Math.Clamp(scale, ClassTable.LeastScale, ClassTable.MostScale);
        long bits = Bits(shape, scale);
        for (bool isBetter = true; isBetter;)
        {
            isBetter = false;
            foreach (var (ds, dt) in (ReadOnlySpan<(int, int)>)[(0, 1), (0, -1), (1, 1), (-1, -1), (1, 0), (-1, 0), (-1, -3), (1, 3)])
            {
                var (s, t) = (shape + ds, scale + dt);
                if (s < 0 || s >= ClassTable.ShapeCount || t < ClassTable.LeastScale || t > ClassTable.MostScale || Bits(s, t) is var other && other >= bits) continue;
                (shape, scale, bits, isBetter) = (s, t, Bits(s, t), true);
            }
        }
        return (shape, scale);

        long Bits(int shape, int scale)
        {
            long weights = 0, bits = 0;
            for (int d = isPeaked ? 1 : 0; d <= radius; d++)
            {
                int weight = ClassTable.WeightOf(shape, scale, d);
                weights += weight * ((centre - d >= 0 && d > 0 ? 1L : 0) + (centre + d < symbols ? 1 : 0));
                bits -= distances[d] * ClassTable.LogWeightOf(shape, scale, d);
            }
            return weights == 0 ? 0 : bits + count * FrequencyTable.Log2((ulong)weights);
        }
    }
}

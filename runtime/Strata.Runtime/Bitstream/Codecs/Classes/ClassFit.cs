using System.Runtime.Intrinsics;
using Strata.Bitstream.Entropy;

namespace Strata.Bitstream.Codecs.Classes;

/// <summary>The table that makes symbols of given counts shortest, and what symbols and table take: bits with 16 fractional ones.</summary>
internal readonly record struct ClassFit(ClassTable Table, long Bits)
{
    // The centre has a share of its own where the curve is off by more than one in so many.
    private const int PeakTolerance = 16;

    // Steps of shape and scale: along either, and along the ridge where both change.
    private static readonly (int Shape, int Scale)[] s_steps = [(0, 1), (0, -1), (1, 1), (-1, -1), (1, 0), (-1, 0), (-1, -3), (1, 3)];

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
        int enough = Math.Clamp(System.Numerics.BitOperations.Log2((ulong)all) / 2 - 4, 1, 6);
        for (int precision = enough - 1; precision <= ClassTable.MostPrecision && (precision <= enough || best is null); precision++)
        {
            if (ClassTable.Of(shares, new(centre, FirstOf(counts), LastOf(counts), precision)) is not { } table) continue;
            long bits = Cost(counts, table) + table.DescriptionBits();
            if (best is null || bits < best.Value.Bits) best = new(table, bits);
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
        // Outermost symbols by themselves, or as the curve has them.
        int radius = inner > 0 ? inner : outer;
        var (shape, scale) = Climb(distances, radius, centre, symbols, isPeaked: false);
        Consider(shape, scale, 0);
        if (counts[centre] == 0 || inner <= 0) return best;
        // The centre by itself, where the curve is wrong there.
        long expected = best is { } fit ? (long)fit.Table.Shares[centre] * all / FrequencyTable.Total : 0;
        if (Math.Abs(expected - counts[centre]) * PeakTolerance < counts[centre]) return best;
        (shape, scale) = Climb(distances, radius, centre, symbols, isPeaked: true);
        Consider(shape, scale, Share(counts[centre], 1));
        return best;

        int Share(int count, int sharers) => (int)Math.Max(1, ((long)count * FrequencyTable.Total / all + sharers / 2) / sharers);

        void Consider(int shape, int scale, int peak)
        {
            Keep(new(shape, scale, centre, outer, 0, 0, peak));
            if (inner > 0) Keep(new(shape, scale, centre, inner, outer, Share(distances[outer], 2), peak));
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
        Span<double> wanted = stackalloc double[256];
        wanted.Clear();
        for (int d = isPeaked ? 1 : 0; d <= radius; d++) wanted[d] = distances[d];
        var known = wanted[..(radius / Vector256<double>.Count * Vector256<double>.Count + Vector256<double>.Count)];
        for (int d = isPeaked ? 1 : 0; d <= radius; d++) (sum, count) = (sum + (long)d * distances[d], count + distances[d]);
        int scale = count == 0 ? 0 : (int)(8 * (FrequencyTable.Log2((ulong)((sum << 8) / count + 16)) - (7L << FrequencyTable.LogBits)) >> FrequencyTable.LogBits), shape = 5;
        scale = Math.Clamp(scale, ClassTable.LeastScale, ClassTable.MostScale);
        long bits = Bits(known, shape, scale);
        for (bool isBetter = true; isBetter;)
        {
            isBetter = false;
            foreach (var (ds, dt) in s_steps)
            {
                var (s, t) = (shape + ds, scale + dt);
                if (s < 0 || s >= ClassTable.ShapeCount || t < ClassTable.LeastScale || t > ClassTable.MostScale) continue;
                long other = Bits(known, s, t);
                if (other >= bits) continue;
                (shape, scale, bits, isBetter) = (s, t, other, true);
            }
        }
        return (shape, scale);

        // The logarithm of the sum of weights for each symbol, less those of the weights: whole numbers below 2⁵³, so that sums are exact in any order.
        long Bits(ReadOnlySpan<double> known, int shape, int scale)
        {
            var (sums, logs) = ClassTable.WeightsOf(shape, scale);
            int left = Math.Min(radius, centre), right = Math.Min(radius, symbols - 1 - centre);
            long weights = sums[left] + sums[right] - (isPeaked ? 2 : 1) * sums[0];
            if (weights <= 0) return 0;
            var products = Vector256<double>.Zero;
            for (int d = 0; d < known.Length; d += Vector256<double>.Count) products += Vector256.Create(known[d..]) * Vector256.Create(logs.AsSpan(d));
            return count * FrequencyTable.Log2((ulong)weights) - (long)Vector256.Sum(products);
        }
    }
}

using System.Text;

namespace Strata.Models.Building;

/// <summary>
/// A reproducible stream of random numbers: SplitMix64, and normal deviates by Marsaglia's polar method. Uses only
/// operations that IEEE 754 rounds correctly, in a fixed order, so that every machine draws the same bits.
/// </summary>
internal sealed class RandomStream(ulong seed)
{
    private ulong state = seed;
    private double? spare;

    /// <summary>What the stream started from.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>The seed that belongs to a name: FNV-1a over its UTF-8 bytes.</summary>
    public static ulong SeedOf(string name)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(name)) hash = (hash ^ b) * 0x100000001B3;
        return hash;
    }

    /// <summary>64 uniform bits.</summary>
    public ulong Bits()
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (Bits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double Uniform(double low, double high) => low + (high - low) * Unit();

    /// <summary>Mean 0, variance 1.</summary>
    public double Normal()
    {
        if (spare is { } kept)
        {
            spare = null;
            return kept;
        }
        while (true)
        {
            double u = Uniform(-1, 1), v = Uniform(-1, 1), s = u * u + v * v;
            if (s is 0 or >= 1) continue;
            double factor = Math.Sqrt(-2 * Log(s) / s);
            spare = v * factor;
            return u * factor;
        }
    }

    /// <summary>
    /// Mean 0, variance 1, kurtosis 3.75: between normal and Laplace, as trained weights are. A normal deviate whose
    /// variance is itself random, half fixed and half exponential.
    /// </summary>
    public double HeavyTailed() => Normal() * Math.Sqrt(0.5 - 0.5 * Log(1 - Unit()));

    /// <summary>
    /// The natural logarithm of a positive normal number, within 3e-16 relative or absolute:
    /// <c>ln(m · 2^e) = e · ln 2 + 2 · artanh((m − 1) / (m + 1))</c> with m in [√½, √2).
    /// </summary>
    internal static double Log(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (m > 1.4142135623730951) (m, exponent) = (m / 2, exponent + 1);

        double t = (m - 1) / (m + 1), t2 = t * t, sum = 0;
        for (int k = 21; k >= 1; k -= 2) sum = sum * t2 + 1.0 / k;
        return exponent * 0.6931471805599453 + 2 * t * sum;
    }
}

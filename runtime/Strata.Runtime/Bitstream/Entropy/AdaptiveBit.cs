using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Strata.Bitstream.Entropy;

/// <summary>A probability that learns, in 32 bits: bits 10–31 are the probability of 1, bits 0–9 how often it was corrected.</summary>
internal static class AdaptiveBit
{
    /// <summary>Never corrected: one half.</summary>
    public const uint Even = 1u << 31;

    private const int CountBits = 10, ProbabilityBits = 32 - CountBits, MostCorrections = 128;

    // The share of the error that a correction takes off, in 2¹⁶ths.
    private static readonly int[] s_rates = [.. Enumerable.Range(0, MostCorrections).Select(n => (1 << 17) / (2 * n + 3))];

    /// <summary>Corrects by what came; the more corrections there were, up to a limit below 128, the less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Correct(ref uint slot, int bit, int limit)
    {
        int count = (int)(slot & ((1 << CountBits) - 1)), probability = (int)(slot >> CountBits), target = bit == 0 ? 0 : (1 << ProbabilityBits) - 1;
        probability += (int)((long)(target - probability) * Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(s_rates), count) >> 16);
        slot = (uint)probability << CountBits | (uint)Math.Min(count + 1, limit);
    }
}

using System.Numerics;
using Strata.Bitstream.Entropy;

namespace Strata.Bitstream.Codecs.Classes;

/// <summary>Binary logarithms for choices: by a table of mantissas and a line between its entries, to about 2⁻¹⁵; integer arithmetic only.</summary>
internal static class CoarseLog
{
    private const int TableBits = 8, LineBits = 16;

    private static readonly int[] s_mantissas = [.. Enumerable.Range(0, (1 << TableBits) + 1).Select(m => (int)FrequencyTable.Log2((ulong)(m + (1 << TableBits))) - (TableBits << FrequencyTable.LogBits))];

    /// <summary>The logarithm with <see cref="FrequencyTable.LogBits"/> fractional bits; 0 for 0.</summary>
    public static long Of(long number)
    {
        if (number <= 1) return 0;
        int whole = BitOperations.Log2((ulong)number);
        // The mantissa without its leading 1, as the highest bits of 32.
        uint mantissa = (uint)((ulong)number << 63 - whole << 1 >> 32);
        int at = (int)(mantissa >> 32 - TableBits), low = s_mantissas[at], along = (int)(mantissa >> 32 - TableBits - LineBits & (1 << LineBits) - 1);
        return ((long)whole << FrequencyTable.LogBits) + low + ((s_mantissas[at + 1] - low) * (long)along >> LineBits);
    }
}

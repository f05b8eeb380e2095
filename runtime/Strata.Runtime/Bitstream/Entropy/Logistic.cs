using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Strata.Bitstream.Entropy;

/// <summary>The logistic function and its inverse on integers: arguments in 2⁸ths, probabilities in 2¹⁶ths.</summary>
internal static class Logistic
{
    /// <summary>Arguments lie in ±Limit.</summary>
    public const int Limit = 2047;

    private const int Lanes = 8, Half = 1 << 13;

    // 65536 / (1 + e^(−x)) at x = −8, −7½, …, 8: what lies between is interpolated.
    private static ReadOnlySpan<ushort> Table =>
    [
        22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768,
        40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514,
    ];

    private static readonly short[] s_stretched = Invert();

    /// <summary>The probability of an argument in ±<see cref="Limit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Squash(int x)
    {
        int at = x + 2048, fraction = at & 127;
        return (Table[at >> 7] * (128 - fraction) + Table[(at >> 7) + 1] * fraction) >> 7;
    }

    /// <summary>The argument of the probability of an <see cref="AdaptiveBit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Stretch(uint slot) => s_stretched[slot >> 20];

    /// <summary>The probability of an argument as coders take it: in 2¹²ths, never 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Share(int x) => Math.Clamp(Squash(x) >> 4, 1, FrequencyTable.Total - 1);

    /// <summary>The sum of weighted inputs, exact in 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Mix(ReadOnlySpan<int> weights, ReadOnlySpan<int> inputs)
    {
        long sum = 0;
        if (Avx2.IsSupported && weights.Length == Lanes && inputs.Length == Lanes)
        {
            Vector256<int> w = Vector256.Create(weights), x = Vector256.Create(inputs);
            sum = Vector256.Sum(Avx2.Multiply(w, x) + Avx2.Multiply(Odd(w), Odd(x))); // products of even lanes, of odd ones
        }
        else
        {
            for (int i = 0; i < weights.Length; i++) sum += (long)weights[i] * inputs[i];
        }
        return (int)Math.Clamp(sum >> 16, -Limit, Limit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Odd(Vector256<int> lanes) => (lanes.AsUInt64() >>> 32).AsInt32();

    /// <summary>Moves weights along the error of a prediction: by error times rate, whose product with an input must stay within 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Train(Span<int> weights, ReadOnlySpan<int> inputs, int step)
    {
        if (Vector256.IsHardwareAccelerated && weights.Length == Lanes && inputs.Length == Lanes)
            (Vector256.Create<int>(weights) + ((Vector256.Create(inputs) * step + Vector256.Create(Half)) >> 14)).CopyTo(weights);
        else
            for (int i = 0; i < weights.Length; i++) weights[i] += (inputs[i] * step + Half) >> 14;
    }

    // For each probability in 2¹²ths the least argument at which the logistic function exceeds it by half a step.
    private static short[] Invert()
    {
        var inverse = new short[FrequencyTable.Total];
        int x = -Limit;
        for (int p = 0; p < inverse.Length; p++)
        {
            while (x < Limit && Squash(x) < 16 * p + 8) x++;
            inverse[p] = (short)x;
        }
        return inverse;
    }
}

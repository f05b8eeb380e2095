using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Strata.Passes;

/// <summary>The scale (an index into the <see cref="ScaleGrid"/>) and the zero-point of a group.</summary>
internal readonly record struct GroupParameters(int ScaleIndex, int ZeroPoint);

/// <summary>
/// Chooses scale and zero-point for the weights of a group, and their codes. Sums run in a fixed order, eight lanes wide, on
/// every machine, so that the same weights give the same file everywhere.
/// </summary>
internal sealed class GroupQuantizer(WeightFormat format, ScaleGrid grid, ScaleSearch search)
{
    // Beyond, nearly all weights of a group would be clipped: 2^-4 of the range.
    private const int SearchedOctaves = 4;

    // Candidates first tried, per octave; between them the error is smooth.
    private const int CoarseSteps = 8;

    /// <summary>
    /// The parameters for a group of finite weights; null where all are zero, which every scale represents. Squared errors count
    /// <paramref name="importance"/> times, one number per weight; alike where it is empty.
    /// </summary>
    public GroupParameters? Choose(ReadOnlySpan<float> weights, ReadOnlySpan<float> importance)
    {
        float least = 0, most = 0;
        foreach (float weight in weights) (least, most) = (MathF.Min(least, weight), MathF.Max(most, weight));
        if (least == most) return null;
        // Denormal ranges and sums of the largest numbers are brought to what a scale can be.
        float range = (float)Math.Clamp(RangeOf(least, most), grid[int.MinValue], grid[int.MaxValue]);
        var covering = new GroupParameters(grid.IndexOfAtLeast(range), format.HasZeroPoint ? Math.Clamp((int)MathF.Round(-least / range), 0, format.Highest) : 0);
        return search == ScaleSearch.AbsMax || !format.IsInteger ? covering : Best(weights, importance, covering);
    }

    /// <summary>The codes nearest to the weights. Ties go to even codes.</summary>
    public void Encode(ReadOnlySpan<float> weights, GroupParameters parameters, Span<sbyte> codes)
    {
        float scale = grid[parameters.ScaleIndex];
        for (int i = 0; i < weights.Length; i++)
            codes[i] = unchecked((sbyte)(int)Math.Clamp(Math.Round((double)weights[i] / scale) + parameters.ZeroPoint, format.Lowest, format.Highest));
    }

    // The scale at which the widest weight meets the last code.
    private double RangeOf(double least, double most) => !format.IsInteger ? Math.Max(-least, most) / Tensors.SmallFloat.Of(format.Codes)!.MaxValue
        : format.HasZeroPoint ? (most - least) / format.Highest
        : Math.Max(most / format.Highest, least / format.Lowest);

    private GroupParameters Best(ReadOnlySpan<float> weights, ReadOnlySpan<float> importance, GroupParameters covering)
    {
        var (best, error) = (covering, SquaredError(weights, importance, covering));
        int step = Math.Max(1, grid.StepsPerOctave / CoarseSteps);
        double worst = error;
        for (int index = covering.ScaleIndex - step; index > covering.ScaleIndex - SearchedOctaves * grid.StepsPerOctave; index -= step)
        {
            double tried = Try(weights, importance, index, ref best, ref error);
            // Past the minimum the clipped weights alone cost more than all of it.
            worst = Math.Max(worst, error);
            if (tried > 4 * worst) break;
        }
        for (int fine = step / 2; fine > 0; fine /= 2)
        {
            int centre = best.ScaleIndex;
            Try(weights, importance, centre - fine, ref best, ref error);
            Try(weights, importance, centre + fine, ref best, ref error);
        }
        return best;
    }

    private double Try(ReadOnlySpan<float> weights, ReadOnlySpan<float> importance, int index, ref GroupParameters best, ref double error)
    {
        var candidate = best with { ScaleIndex = index };
        double tried = SquaredError(weights, importance, candidate);
        if (tried < error) (best, error) = (candidate, tried);
        return tried;
    }

    /// <summary>The number that a code stands for.</summary>
    public float Decode(sbyte code, GroupParameters parameters) => ((format.HasZeroPoint ? (byte)code : code) - parameters.ZeroPoint) * grid[parameters.ScaleIndex];

    private double SquaredError(ReadOnlySpan<float> weights, ReadOnlySpan<float> importance, GroupParameters parameters)
    {
        float scale = grid[parameters.ScaleIndex], inverse = 1 / scale;
        float low = format.Lowest - parameters.ZeroPoint, high = format.Highest - parameters.ZeroPoint;
        double total = 0;
        // Sums in binary32 stay short.
        for (int start = 0; start < weights.Length; start += 1024)
        {
            var block = weights.Slice(start, Math.Min(1024, weights.Length - start));
            var vectors = MemoryMarshal.Cast<float, Vector256<float>>(block);
            var counts = MemoryMarshal.Cast<float, Vector256<float>>(importance.IsEmpty ? importance : importance.Slice(start, block.Length));
            var sum = Vector256<float>.Zero;
            for (int v = 0; v < vectors.Length; v++)
            {
                var vector = vectors[v];
                var code = Vector256.Min(Vector256.Max(Vector256.Round(vector * inverse), Vector256.Create(low)), Vector256.Create(high));
                var error = vector - code * scale;
                sum += counts.IsEmpty ? error * error : error * error * counts[v];
            }
            for (int i = 0; i < Vector256<float>.Count; i++) total += sum[i];
            for (int i = vectors.Length * Vector256<float>.Count; i < block.Length; i++)
            {
                float error = block[i] - Math.Clamp(MathF.Round(block[i] * inverse), low, high) * scale;
                total += error * error * (importance.IsEmpty ? 1 : importance[start + i]);
            }
        }
        return total;
    }
}

using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Weights of the neighbours of a fractional position.</summary>
internal static class SamplingTaps
{
    /// <summary>The products of per-axis positions and weights: flat positions in a tensor of the given extents. Positions of −1 read zero and drop out.</summary>
    public static List<(int Position, double Weight)> Combine(ReadOnlySpan<(int[] Positions, double[] Weights)> axes, ReadOnlySpan<int> extents)
    {
        List<(int Position, double Weight)> taps = [(0, 1)];
        for (int d = 0; d < axes.Length; d++)
        {
            var next = new List<(int, double)>(taps.Count * axes[d].Positions.Length);
            foreach (var (position, weight) in taps)
            {
                for (int i = 0; i < axes[d].Positions.Length; i++)
                {
                    if (axes[d].Positions[i] >= 0) next.Add((position * extents[d] + axes[d].Positions[i], weight * axes[d].Weights[i]));
                }
            }
            taps = next;
        }
        return taps;
    }

    /// <summary>The two neighbours of a position, zero outside.</summary>
    public static (int[] Positions, double[] Weights) Linear(double at, int extent)
    {
        double floor = Math.Floor(at), fraction = at - floor;
        return ([Inside(floor), Inside(floor + 1)], [1 - fraction, fraction]);

        int Inside(double index) => index >= 0 && index < extent ? (int)index : -1;
    }

    /// <summary>Keys' cubic convolution kernel at a distance.</summary>
    public static double Cubic(double distance, double a) => distance switch
    {
        <= 1 => ((a + 2) * distance - (a + 3)) * distance * distance + 1,
        < 2 => ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a,
        _ => 0,
    };
}

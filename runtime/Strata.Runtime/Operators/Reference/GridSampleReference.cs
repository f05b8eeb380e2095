using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="GridSample"/> for any number of spatial axes.</summary>
internal static class GridSampleReference
{
    private const double CubicCoefficient = -0.75;

    public static Tensor Evaluate(GridSample op, ReferenceContext context)
    {
        Tensor x = context[0], grid = context[1];
        int axes = x.Rank - 2;
        if (axes < 1 || grid.Rank != x.Rank || grid.Dims[^1] != axes || grid.Dims[0] != x.Dims[0]) throw ReferenceContext.Fail($"input {x} and grid {grid} do not fit");
        int[] spatial = [.. x.Dims[2..]], dims = [x.Dims[0], x.Dims[1], .. grid.Dims[1..^1]];
        int channels = x.Dims[1], size = Tensor.CountOf(spatial), points = Tensor.CountOf(grid.Dims.AsSpan()[1..^1]);
        double[] values = x.ToDoubles(), coordinates = grid.ToDoubles();
        var result = new double[Tensor.CountOf(dims)];
        if (size == 0 && result.Length > 0) throw ReferenceContext.Fail($"{x} has nothing to sample");
        var taps = new (int[] Positions, double[] Weights)[axes];
        for (int p = 0; p < x.Dims[0] * points; p++)
        {
            context.Observe();
            for (int d = 0; d < axes; d++) taps[d] = Taps(op, coordinates[p * axes + axes - 1 - d], spatial[d]);
            var neighbours = SamplingTaps.Combine(taps, spatial);
            for (int c = 0; c < channels; c++)
            {
                double sum = 0;
                foreach (var (position, weight) in neighbours) sum += weight * values[(p / points * channels + c) * size + position];
                result[(p / points * channels + c) * points + p % points] = sum;
            }
        }
        return Tensor.FromDoubles(x.ElementType, dims, result);
    }

    // Positions along one axis and their weights; −1 reads zero.
    private static (int[] Positions, double[] Weights) Taps(GridSample op, double normalized, int extent)
    {
        if (!double.IsFinite(normalized)) normalized = -1;
        // Binary32, as the grid usually is: which element a tie picks depends on it.
        float at = (float)(op.AlignCorners ? (normalized + 1) / 2 * (extent - 1) : ((normalized + 1) * extent - 1) / 2);
        if (op.Mode == Interpolation.Nearest) at = MathF.Round(at, MidpointRounding.ToEven);
        (double low, double high) = op.AlignCorners ? (0.0, extent - 1.0) : (-0.5, extent - 0.5);
        if (at < low || at > high)
        {
            if (op.Padding == GridPadding.Border) at = Math.Clamp(at, 0, extent - 1);
            else if (op.Padding == GridPadding.Reflection) at = (float)Reflect(at, low, high);
        }
        double floor = Math.Floor(at), fraction = at - floor;
        int reach = op.Mode switch { Interpolation.Nearest => 0, Interpolation.Linear => 1, _ => 2 };
        if (reach == 0) return ([Position(op.Padding, Math.Truncate(at), extent, low, high)], [1]);
        var positions = new int[2 * reach];
        var weights = new double[positions.Length];
        for (int i = 0; i < positions.Length; i++)
        {
            int offset = i - reach + 1;
            positions[i] = Position(op.Padding, floor + offset, extent, low, high);
            weights[i] = reach == 1 ? 1 - Math.Abs(offset - fraction) : SamplingTaps.Cubic(Math.Abs(offset - fraction), CubicCoefficient);
        }
        return (positions, weights);
    }

    private static int Position(GridPadding padding, double index, int extent, double low, double high) => padding switch
    {
        GridPadding.Zeros => index < 0 || index >= extent ? -1 : (int)index,
        GridPadding.Border => (int)Math.Clamp(index, 0, extent - 1),
        _ => (int)Math.Clamp(Math.Truncate(Reflect(index, low, high)), 0, extent - 1),
    };

    private static double Reflect(double at, double low, double high)
    {
        double range = high - low;
        if (range == 0) return low;
        if (at >= low && at <= high) return at;
        double beyond = at < low ? low - at : at - high;
        double turns = Math.Floor(beyond / range), rest = beyond - turns * range;
        bool fromNear = turns % 2 == 0;
        return at < low == fromNear ? low + rest : high - rest;
    }
}

using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="CropAndResize"/>.</summary>
internal static class CropAndResizeReference
{
    public static Tensor Evaluate(CropAndResize op, ReferenceContext context)
    {
        Tensor x = context[0], regions = context[1];
        long[] samples = context[2].ToInt64s(), size = context[3].ToInt64s();
        if (x.Rank != 4 || regions.Rank != 2 || regions.Dims[1] != 4 || samples.Length != regions.Dims[0] || size.Length != 2 || size.Any(e => e is < 1 or > int.MaxValue))
            throw ReferenceContext.Fail($"input {x}, regions {regions}, {samples.Length} batch indices and size [{string.Join(", ", size)}] do not fit");
        if (samples.Any(s => s < 0 || s >= x.Dims[0])) throw ReferenceContext.Fail($"batch indices must lie in [0, {x.Dims[0] - 1}]");

        int channels = x.Dims[1], height = x.Dims[2], width = x.Dims[3];
        int[] dims = [regions.Dims[0], channels, (int)size[0], (int)size[1]];
        double[] values = x.ToDoubles(), corners = regions.ToDoubles(), result = new double[Tensor.CountOf(dims)];
        int points = Tensor.CountOf([dims[2], dims[3]]);
        for (int p = 0; p < regions.Dims[0] * points; p++)
        {
            context.Observe();
            int r = p / points, row = p % points / dims[3], column = p % dims[3];
            double y = Coordinate(corners[r * 4], corners[r * 4 + 2], row, dims[2], height), at = Coordinate(corners[r * 4 + 1], corners[r * 4 + 3], column, dims[3], width);
            bool inside = y >= 0 && y <= height - 1 && at >= 0 && at <= width - 1;
            if (op.Nearest) (y, at) = (Math.Round(y, MidpointRounding.AwayFromZero), Math.Round(at, MidpointRounding.AwayFromZero));
            var taps = inside ? SamplingTaps.Combine([SamplingTaps.Linear(y, height), SamplingTaps.Linear(at, width)], [height, width]) : [];
            for (int c = 0; c < channels; c++)
            {
                double sum = inside ? 0 : op.ExtrapolationValue;
                foreach (var (position, weight) in taps) sum += weight * values[((int)samples[r] * channels + c) * height * width + position];
                result[(r * channels + c) * points + p % points] = sum;
            }
        }
        return Tensor.FromDoubles(x.ElementType, dims, result);
    }

    private static double Coordinate(double from, double to, int index, int count, int extent) => count == 1
        ? (from + to) / 2 * (extent - 1)
        : from * (extent - 1) + index * (to - from) * (extent - 1) / (count - 1);
}

using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="MaxRoiPool"/> and <see cref="RoiAlign"/>.</summary>
internal static class RegionPoolingReference
{
    public static Tensor Max(MaxRoiPool op, ReferenceContext context)
    {
        Tensor x = context[0], regions = context[1];
        Check(x, regions, 5);
        int channels = x.Dims[1], height = x.Dims[2], width = x.Dims[3], pooledHeight = (int)op.PooledShape[0], pooledWidth = (int)op.PooledShape[1];
        int[] dims = [regions.Dims[0], channels, pooledHeight, pooledWidth];
        double[] values = x.ToDoubles(), corners = regions.ToDoubles(), result = new double[Tensor.CountOf(dims)];
        for (int i = 0; i < result.Length; i++)
        {
            int pw = i % pooledWidth, ph = i / pooledWidth % pooledHeight, c = i / pooledWidth / pooledHeight % channels, r = i / pooledWidth / pooledHeight / channels;
            var region = corners.AsSpan(r * 5, 5);
            int plane = (Sample(region[0], x.Dims[0]) * channels + c) * height * width;
            var (top, bottom) = Bin(region[2], region[4], ph, pooledHeight, height);
            var (left, right) = Bin(region[1], region[3], pw, pooledWidth, width);
            double best = top < bottom && left < right ? double.NegativeInfinity : 0;
            for (int y = top; y < bottom; y++)
            {
                context.Observe();
                for (int column = left; column < right; column++) best = Math.Max(best, values[plane + y * width + column]);
            }
            result[i] = best;
        }
        return Tensor.FromDoubles(x.ElementType, dims, result);

        (int First, int End) Bin(double start, double end, int index, int pooled, int extent)
        {
            double first = Math.Round(start * op.SpatialScale, MidpointRounding.AwayFromZero), last = Math.Round(end * op.SpatialScale, MidpointRounding.AwayFromZero);
            double step = Math.Max(last - first + 1, 1) / pooled;
            return ((int)Math.Clamp(Math.Floor(index * step) + first, 0, extent), (int)Math.Clamp(Math.Ceiling((index + 1) * step) + first, 0, extent));
        }
    }

    public static Tensor Align(RoiAlign op, ReferenceContext context)
    {
        Tensor x = context[0], regions = context[1];
        Check(x, regions, 4);
        double[] samples = context[2].ToDoubles(), values = x.ToDoubles(), corners = regions.ToDoubles();
        if (samples.Length != regions.Dims[0]) throw ReferenceContext.Fail($"{regions.Dims[0]} regions need as many batch indices, there are {samples.Length}");
        int channels = x.Dims[1], height = x.Dims[2], width = x.Dims[3], rows = (int)op.OutputHeight, columns = (int)op.OutputWidth;
        int[] dims = [regions.Dims[0], channels, rows, columns];
        var result = new double[Tensor.CountOf(dims)];
        bool half = op.Transformation == RegionTransformation.HalfPixel;
        for (int r = 0; r < regions.Dims[0]; r++)
        {
            int sample = Sample(samples[r], x.Dims[0]);
            var (left, binWidth, gridWidth) = Axis(corners[r * 4], corners[r * 4 + 2], columns);
            var (top, binHeight, gridHeight) = Axis(corners[r * 4 + 1], corners[r * 4 + 3], rows);
            _ = Tensor.CountOf([rows, columns, gridHeight, gridWidth]);
            for (int bin = 0; bin < rows * columns; bin++)
            {
                var sums = new double[channels];
                for (int point = 0; point < gridHeight * gridWidth; point++)
                {
                    context.Observe();
                    double y = top + (bin / columns + (point / gridWidth + 0.5) / gridHeight) * binHeight;
                    double at = left + (bin % columns + (point % gridWidth + 0.5) / gridWidth) * binWidth;
                    var neighbours = Neighbours(y, at, height, width);
                    for (int c = 0; c < channels; c++)
                    {
                        double sum = 0, best = neighbours.Length == 0 ? 0 : double.NegativeInfinity;
                        foreach (var (position, weight) in neighbours)
                        {
                            double term = weight * values[(sample * channels + c) * height * width + position];
                            sum += term;
                            best = Math.Max(best, term);
                        }
                        sums[c] = !op.Max ? sums[c] + sum : point == 0 ? best : Math.Max(sums[c], best);
                    }
                }
                for (int c = 0; c < channels; c++) result[(r * channels + c) * rows * columns + bin] = op.Max ? sums[c] : sums[c] / Math.Max(1, gridHeight * gridWidth);
            }
        }
        return Tensor.FromDoubles(x.ElementType, dims, result);

        (double Start, double Bin, int Points) Axis(double from, double to, int bins)
        {
            double start = from * op.SpatialScale - (half ? 0.5 : 0), extent = to * op.SpatialScale - (half ? 0.5 : 0) - start;
            if (!half) extent = Math.Max(extent, 1);
            double points = op.SamplingRatio > 0 ? op.SamplingRatio : Math.Ceiling(extent / bins);
            return points <= int.MaxValue ? (start, extent / bins, (int)Math.Max(0, points)) : throw ReferenceContext.Fail($"a region of extent {extent} is too large");
        }
    }

    // The four elements around a point with their weights; none for a point beyond the border by more than one element.
    private static (int Position, double Weight)[] Neighbours(double y, double x, int height, int width)
    {
        if (!(y >= -1 && y <= height && x >= -1 && x <= width)) return [];
        var (top, bottom, down) = Pair(y, height);
        var (left, right, across) = Pair(x, width);
        return
        [
            (top * width + left, (1 - down) * (1 - across)), (top * width + right, (1 - down) * across),
            (bottom * width + left, down * (1 - across)), (bottom * width + right, down * across),
        ];

        static (int Low, int High, double Fraction) Pair(double at, int extent)
        {
            at = Math.Max(at, 0);
            int low = (int)at;
            return low >= extent - 1 ? (extent - 1, extent - 1, 0) : (low, low + 1, at - low);
        }
    }

    private static int Sample(double index, int samples) => index >= 0 && index < samples
        ? (int)index
        : throw ReferenceContext.Fail($"batch index {index} lies outside [0, {samples - 1}]");

    private static void Check(Tensor x, Tensor regions, int extent)
    {
        if (x.Rank != 4 || regions.Rank != 2 || regions.Dims[1] != extent) throw ReferenceContext.Fail($"input {x} and regions {regions} need shapes [N, C, H, W] and [R, {extent}]");
        if (x.Dims[2] == 0 || x.Dims[3] == 0) throw ReferenceContext.Fail($"{x} has no elements to pool");
    }
}

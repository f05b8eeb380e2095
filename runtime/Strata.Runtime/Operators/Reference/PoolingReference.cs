using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Pooling"/> and <see cref="GlobalPooling"/> operators in binary64.</summary>
internal static class PoolingReference
{
    public static Tensor Average(AveragePool op, ReferenceContext context)
    {
        var window = Geometry(op.Window, context[0], op.CeilMode);
        int[] counts = Counts(context, op.CountIncludePad ? window.WithPaddingAsInput() : window);
        return Accumulate(context, window, static value => value, (sum, output) => sum / counts[output]);
    }

    public static Tensor Norm(LpPool op, ReferenceContext context) => Accumulate(context, Geometry(op.Window, context[0], op.CeilMode),
        value => Power(Math.Abs(value), op.P), (sum, _) => Root(sum, op.P));

    public static IReadOnlyList<RuntimeValue?> Max(MaxPool op, ReferenceContext context)
    {
        var x = context[0];
        var window = Geometry(op.Window, x, op.CeilMode);
        double[] values = x.ToDoubles();
        var (result, positions) = Max(context, values, x.Dims[0] * x.Dims[1], window, Lowest(x.ElementType));
        int[] dims = [x.Dims[0], x.Dims[1], .. window.Output];
        var indices = new long[context.Wants(1) ? positions.Length : 0];
        for (int i = 0; i < indices.Length; i++) indices[i] = positions[i] < 0 ? -1 : Index(positions[i], window.Input, op.StorageOrder == 1);
        return [Tensor.FromDoubles(x.ElementType, dims, result), context.Wants(1) ? Tensor.FromInt64s(ElementType.Int64, dims, indices) : null];
    }

    /// <summary>Largest elements and their positions; −1 and <paramref name="lowest"/> for a window of nothing but padding.</summary>
    private static (double[] Values, int[] Positions) Max(ReferenceContext context, double[] x, int channels, WindowGeometry window, double lowest)
    {
        int inputSize = window.InputCount, outputSize = window.OutputCount;
        var best = new double[Tensor.CountOf([channels, outputSize])];
        var positions = new int[best.Length];
        Array.Fill(best, lowest);
        Array.Fill(positions, -1);
        var taps = window.Taps(context);
        for (int c = 0; c < channels; c++)
        {
            foreach (var run in taps.SelectMany(static t => t))
            {
                context.Observe();
                for (int j = 0; j < run.Length; j++)
                {
                    int output = c * outputSize + run.Output + j, input = c * inputSize + run.Input + j * run.InputStep;
                    if (positions[output] >= 0 && !(x[input] > best[output]) && !double.IsNaN(x[input])) continue;
                    (best[output], positions[output]) = (x[input], input);
                }
            }
        }
        return (best, positions);
    }

    public static Tensor GlobalAverage(ReferenceContext context) => Fold(context[0], 0, static (sum, value) => sum + value, static (sum, count) => sum / count);

    public static Tensor GlobalMax(ReferenceContext context) => Fold(context[0], double.NegativeInfinity, Math.Max, static (best, _) => best);

    public static Tensor GlobalNorm(GlobalLpPool op, ReferenceContext context) =>
        Fold(context[0], 0, (sum, value) => sum + Power(Math.Abs(value), op.P), (sum, _) => Root(sum, op.P));

    /// <summary>The resolved windows over an input <c>[N, C, spatial…]</c>.</summary>
    internal static WindowGeometry Geometry(WindowAttributes window, Tensor x, bool ceil)
    {
        if (x.Rank != window.KernelShape.Length + 2) throw ReferenceContext.Fail($"the kernel has {window.KernelShape.Length} axes, {x} has {x.Rank - 2} spatial ones");
        return WindowGeometry.For(window, [.. x.Dims[2..]], [.. window.KernelShape.Select(k => (int)k)], ceil);
    }

    /// <summary>How many elements each window reads.</summary>
    internal static int[] Counts(ReferenceContext context, WindowGeometry window)
    {
        var counts = new int[window.OutputCount];
        foreach (var run in window.Taps(context).SelectMany(static t => t))
        {
            context.Observe();
            for (int j = 0; j < run.Length; j++) counts[run.Output + j]++;
        }
        return counts;
    }

    private static Tensor Accumulate(ReferenceContext context, WindowGeometry window, Func<double, double> of, Func<double, int, double> finish)
    {
        var x = context[0];
        double[] values = x.ToDoubles();
        for (int i = 0; i < values.Length; i++) values[i] = of(values[i]);
        int channels = Tensor.CountOf(x.Dims.AsSpan()[..2]), inputSize = window.InputCount, outputSize = window.OutputCount;
        var result = new double[Tensor.CountOf([channels, outputSize])];
        var taps = window.Taps(context);
        for (int c = 0; c < channels; c++)
        {
            foreach (var run in taps.SelectMany(static t => t))
            {
                context.Observe();
                for (int j = 0; j < run.Length; j++) result[c * outputSize + run.Output + j] += values[c * inputSize + run.Input + j * run.InputStep];
            }
            for (int o = 0; o < outputSize; o++) result[c * outputSize + o] = finish(result[c * outputSize + o], o);
        }
        return Tensor.FromDoubles(x.ElementType, [x.Dims[0], x.Dims[1], .. window.Output], result);
    }

    private static Tensor Fold(Tensor x, double start, Func<double, double, double> step, Func<double, int, double> finish)
    {
        if (x.Rank < 2) throw ReferenceContext.Fail($"the input needs rank 2 or more, is {x}");
        double[] values = x.ToDoubles();
        var result = new double[Tensor.CountOf(x.Dims.AsSpan()[..2])];
        int size = Tensor.CountOf(x.Dims.AsSpan()[2..]);
        for (int i = 0; i < result.Length; i++)
        {
            double state = start;
            foreach (double value in values.AsSpan(i * size, size)) state = step(state, value);
            result[i] = finish(state, size);
        }
        var dims = x.Dims.ToArray();
        dims.AsSpan(2).Fill(1);
        return Tensor.FromDoubles(x.ElementType, dims, result);
    }

    // The common exponents avoid pow, which need not be exact for them.
    private static double Power(double value, long p) => p switch { 1 => value, 2 => value * value, _ => Math.Pow(value, p) };

    private static double Root(double value, long p) => p switch { 1 => value, 2 => Math.Sqrt(value), _ => Math.Pow(value, 1.0 / p) };

    private static double Lowest(ElementType type) => type switch { ElementType.Int8 => sbyte.MinValue, ElementType.UInt8 => 0, _ => double.NegativeInfinity };

    private static long Index(int position, int[] spatial, bool columnMajor)
    {
        if (!columnMajor) return position;
        int size = Tensor.CountOf(spatial), within = position % size;
        long index = 0, stride = 1;
        // Column-major: the first spatial axis is the fastest.
        int rest = within, inner = size;
        foreach (int extent in spatial)
        {
            inner /= extent;
            index += rest / inner * stride;
            rest %= inner;
            stride *= extent;
        }
        return position - within + index;
    }
}

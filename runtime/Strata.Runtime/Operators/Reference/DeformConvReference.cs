using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="DeformConv"/>.</summary>
internal static class DeformConvReference
{
    public static Tensor Evaluate(DeformConv op, ReferenceContext context)
    {
        Tensor x = context[0], w = context[1], offset = context[2];
        ConvReference.CheckOperands(x, w, context.Tensor(3), op.Group);
        var window = WindowGeometry.ForConv(op.Window, x.Dims, w.Dims);
        int axes = x.Rank - 2, n = x.Dims[0], channels = x.Dims[1], m = w.Dims[0], perGroup = w.Dims[1], offsetGroups = (int)op.OffsetGroup;
        int size = window.InputCount, taps = window.KernelCount, points = window.OutputCount;
        if (channels % offsetGroups != 0) throw ReferenceContext.Fail($"offset_group {offsetGroups} must divide {channels} channels");
        Expect(offset, [n, offsetGroups * taps * axes, .. window.Output]);
        if (context.Tensor(4) is { } factors) Expect(factors, [n, offsetGroups * taps, .. window.Output]);

        double[] values = x.ToDoubles(), weights = w.ToDoubles(), offsets = offset.ToDoubles();
        double[]? bias = context.Tensor(3)?.ToDoubles(), mask = context.Tensor(4)?.ToDoubles();
        var result = new double[Tensor.CountOf([n, m, points])];
        for (int i = 0; i < result.Length && bias is not null; i++) result[i] = bias[i / points % m];

        var sampled = new double[channels];
        var neighbours = new (int[], double[])[axes];
        for (int b = 0; b < n; b++)
        {
            for (int p = 0; p < points; p++)
            {
                for (int k = 0; k < taps; k++)
                {
                    context.Observe();
                    for (int g = 0; g < offsetGroups; g++)
                    {
                        int tap = (b * offsetGroups + g) * taps + k;
                        for (int d = 0, inner = points, kernelInner = taps; d < axes; d++)
                        {
                            inner /= window.Output[d];
                            kernelInner /= window.Kernel[d];
                            double at = (double)(p / inner % window.Output[d]) * window.Stride[d] - window.PadBegin[d] + (double)(k / kernelInner % window.Kernel[d]) * window.Dilation[d];
                            neighbours[d] = SamplingTaps.Linear(at + offsets[(tap * axes + d) * points + p], window.Input[d]);
                        }
                        var sources = SamplingTaps.Combine(neighbours, window.Input);
                        double factor = mask?[tap * points + p] ?? 1;
                        for (int c = g * (channels / offsetGroups); c < (g + 1) * (channels / offsetGroups); c++)
                        {
                            sampled[c] = 0;
                            foreach (var (position, weight) in sources) sampled[c] += weight * values[(b * channels + c) * size + position];
                            sampled[c] *= factor;
                        }
                    }
                    for (int o = 0; o < m; o++)
                    {
                        int first = o / (m / (int)op.Group) * perGroup;
                        double sum = 0;
                        for (int i = 0; i < perGroup; i++) sum += weights[(o * perGroup + i) * taps + k] * sampled[first + i];
                        result[(b * m + o) * points + p] += sum;
                    }
                }
            }
        }
        return Tensor.FromDoubles(x.ElementType, [n, m, .. window.Output], result);
    }

    private static void Expect(Tensor operand, int[] dims)
    {
        if (!operand.Dims.AsSpan().SequenceEqual(dims)) throw ReferenceContext.Fail($"{operand} should have shape [{Tensor.Format(dims)}]");
    }
}

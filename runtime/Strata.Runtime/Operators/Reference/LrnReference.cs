using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Lrn"/> and <see cref="MeanVarianceNormalization"/>.</summary>
internal static class LrnReference
{
    public static Tensor Evaluate(Lrn op, ReferenceContext context)
    {
        var x = context[0];
        if (x.Rank < 2) throw ReferenceContext.Fail($"the input needs rank 2 or more, is {x}");
        double[] values = x.ToDoubles(), result = new double[values.Length];
        int channels = x.Dims[1], inner = Tensor.CountOf(x.Dims.AsSpan()[2..]);
        for (int i = 0; i < values.Length; i++)
        {
            context.Observe();
            int c = i / inner % channels;
            int first = (int)Math.Max(0, c - (op.Size - 1) / 2), last = (int)Math.Min(channels - 1, c + op.Size / 2);
            double sum = 0;
            for (int neighbour = first; neighbour <= last; neighbour++)
            {
                double value = values[i + (neighbour - c) * inner];
                sum += value * value;
            }
            result[i] = values[i] / Math.Pow(op.Bias + op.Alpha / (double)op.Size * sum, op.Beta);
        }
        return Tensor.FromDoubles(x.ElementType, x.Dims.AsSpan(), result);
    }

    public static Tensor MeanVariance(MeanVarianceNormalization op, ReferenceContext context)
    {
        var x = context[0];
        var reduced = op.Axes.Select(a => (int)(a < 0 ? a + x.Rank : a)).ToHashSet();
        if (reduced.Any(a => a < 0 || a >= x.Rank)) throw ReferenceContext.Fail($"axes {string.Join(", ", op.Axes)} lie outside {x}");
        int[] kept = [.. x.Dims.Select((dim, d) => reduced.Contains(d) ? 1 : dim)];
        int[] groups = Broadcasting.Positions(Tensor.Zeros(ElementType.UInt8, kept), x.Dims.AsSpan());
        double[] values = x.ToDoubles();
        int count = Tensor.CountOf(kept);
        double[] means = new double[count], variances = new double[count];
        double size = count == 0 ? 0 : values.Length / count;
        for (int i = 0; i < values.Length; i++) means[groups[i]] += values[i] / size;
        for (int i = 0; i < values.Length; i++) variances[groups[i]] += (values[i] - means[groups[i]]) * (values[i] - means[groups[i]]) / size;
        for (int i = 0; i < values.Length; i++) values[i] = (values[i] - means[groups[i]]) / (Math.Sqrt(variances[groups[i]]) + 1e-9);
        return Tensor.FromDoubles(x.ElementType, x.Dims.AsSpan(), values);
    }
}

using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="ConvTranspose"/> in binary64: the taps of the convolution it transposes, read backwards.</summary>
internal static class ConvTransposeReference
{
    public static Tensor Evaluate(ConvTranspose op, ReferenceContext context)
    {
        Tensor x = context[0], w = context[1];
        var bias = context.Tensor(2);
        if (x.Rank < 3 || w.Rank != x.Rank || x.Dims[1] != w.Dims[0] || x.Dims[1] % op.Group != 0) throw ReferenceContext.Fail($"input {x} and weights {w} do not fit group {op.Group}");
        int n = x.Dims[0], c = x.Dims[1], group = (int)op.Group, mPerGroup = w.Dims[1], m = mPerGroup * group;
        if (bias is not null && bias.Count != m) throw ReferenceContext.Fail($"the bias has {bias.Count} elements for {m} output channels");

        var window = Geometry(op, [.. x.Dims[2..]], [.. w.Dims[2..]]);
        int inputSize = window.OutputCount, outputSize = window.InputCount, kernelSize = window.KernelCount;
        var result = new double[Tensor.CountOf([n, m, outputSize])];
        double[] values = x.ToDoubles(), weights = w.ToDoubles();
        double[]? biases = bias?.ToDoubles();
        var taps = window.Taps(context);
        // A run reaches every step-th output: those that are a step apart lie side by side while they are summed.
        int step = Math.Clamp(window.Stride[^1], 1, Math.Max(outputSize, 1)), phase = (outputSize + step - 1) / step;
        context.ForEach(n * m, index =>
        {
            int b = index / m, o = index % m, g = o / mPerGroup;
            var sums = new double[step * phase];
            if (biases is not null) sums.AsSpan().Fill(biases[o]);
            for (int i = g * (c / group); i < (g + 1) * (c / group); i++)
            {
                context.Observe();
                var source = values.AsSpan((b * c + i) * inputSize, inputSize);
                for (int k = 0; k < kernelSize; k++)
                {
                    double weight = weights[(i * mPerGroup + o % mPerGroup) * kernelSize + k];
                    foreach (var run in taps[k])
                        ConvReference.MultiplyAdd(sums.AsSpan(run.Input % step * phase + run.Input / step, run.Length), source[run.Output..], 1, weight);
                }
            }
            var target = result.AsSpan(index * outputSize, outputSize);
            for (int j = 0; j < target.Length; j++) target[j] = sums[j % step * phase + j / step];
        });
        return Tensor.FromDoubles(x.ElementType, [n, m, .. window.Input], result);
    }

    /// <summary>The geometry of the convolution from the transposed convolution's output back to its input.</summary>
    public static WindowGeometry Geometry(ConvTranspose op, int[] input, int[] kernel)
    {
        int rank = input.Length;
        if (op.Problem(rank) is { } problem) throw ReferenceContext.Fail(problem);
        int[] output = new int[rank], stride = new int[rank], dilation = new int[rank], begin = new int[rank], end = new int[rank];
        for (int d = 0; d < rank; d++)
        {
            (stride[d], dilation[d]) = ((int)op.Window.Stride(d), (int)op.Window.Dilation(d));
            var (extent, before, after) = op.Resolve(d, rank, input[d], kernel[d]);
            if (extent is < 0 or > int.MaxValue) throw ReferenceContext.Fail($"the output would have {extent} elements along spatial axis {d}");
            (output[d], begin[d], end[d]) = ((int)extent, (int)before, (int)after);
        }
        return new(output, kernel, input, stride, dilation, begin, end);
    }
}

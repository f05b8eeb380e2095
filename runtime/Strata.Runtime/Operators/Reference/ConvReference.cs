using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Conv"/> in binary64, whatever the element type.</summary>
internal static class ConvReference
{
    public static Tensor Evaluate(Conv op, ReferenceContext context)
    {
        Tensor x = context[0], w = context[1];
        var window = WindowGeometry.ForConv(op.Window, x.Dims, w.Dims);
        var result = Convolve(x.ToDoubles(), w.ToDoubles(), context.Tensor(2)?.ToDoubles(), x.Dims[0], w.Dims[0], (int)op.Group, w.Dims[1], window);
        return Tensor.FromDoubles(x.ElementType, [x.Dims[0], w.Dims[0], .. window.Output], result);
    }

    /// <summary>
    /// x <c>[n, group·c, input…]</c>, w <c>[m, c, kernel…]</c> to <c>[n, m, output…]</c>. One weight at a time is added to
    /// all outputs it reaches, so that the innermost loop is a plain row.
    /// </summary>
    internal static double[] Convolve(double[] x, double[] w, double[]? bias, int n, int m, int group, int c, WindowGeometry window)
    {
        int inputSize = window.InputCount, outputSize = window.OutputCount, kernelSize = window.KernelCount, mPerGroup = m / group;
        var result = new double[checked(n * m * outputSize)];
        var taps = window.Taps();
        for (int b = 0; b < n; b++)
        {
            for (int o = 0; o < m; o++)
            {
                var target = result.AsSpan((b * m + o) * outputSize, outputSize);
                if (bias is not null) target.Fill(bias[o]);
                for (int i = 0; i < c; i++)
                {
                    var source = x.AsSpan((b * group * c + o / mPerGroup * c + i) * inputSize, inputSize);
                    for (int k = 0; k < kernelSize; k++)
                    {
                        double weight = w[(o * c + i) * kernelSize + k];
                        foreach (var run in taps[k])
                        {
                            for (int j = 0; j < run.Length; j++) target[run.Output + j] += weight * source[run.Input + j * run.InputStep];
                        }
                    }
                }
            }
        }
        return result;
    }
}

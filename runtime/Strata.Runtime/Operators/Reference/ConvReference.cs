using System.Numerics;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Conv"/> in binary64, whatever the element type.</summary>
internal static class ConvReference
{
    public static Tensor Evaluate(Conv op, ReferenceContext context)
    {
        Tensor x = context[0], w = context[1];
        CheckOperands(x, w, context.Tensor(2), op.Group);
        var window = WindowGeometry.ForConv(op.Window, x.Dims, w.Dims);
        var result = Convolve(context, x.ToDoubles(), w.ToDoubles(), context.Tensor(2)?.ToDoubles(), x.Dims[0], w.Dims[0], (int)op.Group, w.Dims[1], window);
        return Tensor.FromDoubles(x.ElementType, [x.Dims[0], w.Dims[0], .. window.Output], result);
    }

    /// <summary>Refuses operands whose ranks or channels do not fit together; types alone cannot rule them out.</summary>
    internal static void CheckOperands(Tensor x, Tensor w, Tensor? bias, long group)
    {
        if (x.Rank < 3 || w.Rank != x.Rank) throw ReferenceContext.Fail($"input {x} and weights {w} need one rank of 3 or more");
        if (x.Dims[1] != w.Dims[1] * group) throw ReferenceContext.Fail($"the input has {x.Dims[1]} channels, weights and group ask for {w.Dims[1] * group}");
        if (w.Dims[0] % group != 0) throw ReferenceContext.Fail($"group {group} must divide the {w.Dims[0]} output channels");
        if (bias is not null && bias.Count != w.Dims[0]) throw ReferenceContext.Fail($"the bias has {bias.Count} elements for {w.Dims[0]} output channels");
    }

    /// <summary>
    /// x <c>[n, group·c, input…]</c>, w <c>[m, c, kernel…]</c> to <c>[n, m, output…]</c>. One weight at a time is added to
    /// all outputs it reaches, so that the innermost loop is a plain row.
    /// </summary>
    internal static double[] Convolve(ReferenceContext context, double[] x, double[] w, double[]? bias, int n, int m, int group, int c, WindowGeometry window)
    {
        int inputSize = window.InputCount, outputSize = window.OutputCount, kernelSize = window.KernelCount, mPerGroup = m / group;
        var result = new double[Tensor.CountOf([n, m, outputSize])];
        var taps = window.Taps(context);
        // Each output channel is one thread's alone: the result does not depend on the number of threads.
        context.ForEach(n * m, index =>
        {
            int b = index / m, o = index % m;
            var target = result.AsSpan(index * outputSize, outputSize);
            if (bias is not null) target.Fill(bias[o]);
            for (int i = 0; i < c; i++)
            {
                context.Observe();
                var source = x.AsSpan((b * group * c + o / mPerGroup * c + i) * inputSize, inputSize);
                for (int k = 0; k < kernelSize; k++)
                {
                    double weight = w[(o * c + i) * kernelSize + k];
                    foreach (var run in taps[k]) MultiplyAdd(target.Slice(run.Output, run.Length), source[run.Input..], run.InputStep, weight);
                }
            }
        });
        return result;
    }

    /// <summary>Adds the weighted source, every <paramref name="step"/>-th element of it, to the target.</summary>
    internal static void MultiplyAdd(Span<double> target, ReadOnlySpan<double> source, int step, double weight)
    {
        int j = 0;
        if (step == 1)
        {
            var weights = new Vector<double>(weight);
            for (; j <= target.Length - Vector<double>.Count; j += Vector<double>.Count)
            {
                (new Vector<double>(target[j..]) + weights * new Vector<double>(source[j..])).CopyTo(target[j..]);
            }
        }
        for (; j < target.Length; j++) target[j] += weight * source[j * step];
    }
}

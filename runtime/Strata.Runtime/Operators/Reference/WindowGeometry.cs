using System.Collections.Immutable;

namespace Strata.Operators.Reference;

/// <summary>Outputs <c>Output … Output + Length − 1</c> read inputs <c>Input, Input + InputStep, …</c> through one window element.</summary>
internal readonly record struct WindowRun(int Output, int Input, int Length, int InputStep);

/// <summary>The resolved geometry of a sliding window over the spatial axes of one concrete input.</summary>
internal sealed class WindowGeometry(int[] input, int[] kernel, int[] output, int[] stride, int[] dilation, int[] padBegin, int[] padEnd)
{
    public int[] Input => input;
    public int[] Kernel => kernel;
    public int[] Output => output;
    public int[] Stride => stride;
    public int[] Dilation => dilation;
    public int[] PadBegin => padBegin;
    public int[] PadEnd => padEnd;

    public int InputCount => Tensors.Tensor.CountOf(input);
    public int KernelCount => Tensors.Tensor.CountOf(kernel);
    public int OutputCount => Tensors.Tensor.CountOf(output);

    /// <summary>The window of a convolution of x <c>[N, C, spatial…]</c> with w <c>[M, C/group, kernel…]</c>.</summary>
    public static WindowGeometry ForConv(WindowAttributes window, ImmutableArray<int> x, ImmutableArray<int> w) => For(window, [.. x[2..]], [.. w[2..]], ceil: false);

    /// <summary>The window of a spatial extent and a kernel.</summary>
    public static WindowGeometry For(WindowAttributes window, int[] input, int[] kernel, bool ceil)
    {
        int rank = input.Length;
        int[] output = new int[rank], stride = new int[rank], dilation = new int[rank], begin = new int[rank], end = new int[rank];
        for (int d = 0; d < rank; d++)
        {
            (stride[d], dilation[d]) = ((int)window.Stride(d), (int)window.Dilation(d));
            (begin[d], end[d]) = window.PadsFor(d, input[d], kernel[d]);
            int span = input[d] + begin[d] + end[d] - (dilation[d] * (kernel[d] - 1) + 1);
            if (window.AutoPad is AutoPad.SameUpper or AutoPad.SameLower) output[d] = (input[d] + stride[d] - 1) / stride[d];
            else if (span < 0) throw ReferenceContext.Fail($"a window of {kernel[d]} (dilation {dilation[d]}) does not fit {input[d]} elements padded by {begin[d]} and {end[d]}");
            else if (ceil)
            {
                output[d] = (span + stride[d] - 1) / stride[d] + 1;
                if ((output[d] - 1) * stride[d] >= input[d] + begin[d]) output[d]--;
            }
            else output[d] = span / stride[d] + 1;
        }
        return new(input, kernel, output, stride, dilation, begin, end);
    }

    /// <summary>For each window element, in row-major order, the runs of outputs that read a real (not padded) input through it.</summary>
    public List<WindowRun>[] Taps()
    {
        var taps = new List<WindowRun>[KernelCount];
        var k = new int[kernel.Length];
        for (int tap = 0; tap < taps.Length; tap++)
        {
            taps[tap] = [];
            Collect(taps[tap], k, axis: 0, output: 0, source: 0);
            for (int d = k.Length - 1; d >= 0 && ++k[d] == kernel[d]; d--) k[d] = 0;
        }
        return taps;
    }

    private void Collect(List<WindowRun> runs, int[] k, int axis, int output, int source)
    {
        // Input position of output o along this axis is o·stride + offset; it is real in [0, input).
        int offset = k[axis] * dilation[axis] - padBegin[axis];
        int first = offset >= 0 ? 0 : (-offset + stride[axis] - 1) / stride[axis];
        int last = (int)Math.Min(Output[axis] - 1, Networks.Dim.FloorDiv((long)input[axis] - 1 - offset, stride[axis]));
        if (first > last) return;
        if (axis == input.Length - 1)
        {
            runs.Add(new(output * Output[axis] + first, source * input[axis] + first * stride[axis] + offset, last - first + 1, stride[axis]));
            return;
        }
        for (int o = first; o <= last; o++) Collect(runs, k, axis + 1, output * Output[axis] + o, source * input[axis] + o * stride[axis] + offset);
    }
}

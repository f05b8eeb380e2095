using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Strata.Operators.Reference;

/// <summary>Outputs <c>Output … Output + Length − 1</c> read inputs <c>Input, Input + InputStep, …</c> through one window element.</summary>
internal readonly record struct WindowRun(int Output, int Input, int Length, int InputStep);

/// <summary>The resolved geometry of a sliding window over the spatial axes of one concrete input.</summary>
internal sealed class WindowGeometry(int[] input, int[] kernel, int[] output, int[] stride, int[] dilation, int[] padBegin, int[] padEnd)
{
    // A list and the reference to it.
    private const int TapBytes = 40;

    public int[] Input => input;
    public int[] Kernel => kernel;
    public int[] Output => output;
    public int[] Stride => stride;
    public int[] Dilation => dilation;
    public int[] PadBegin => padBegin;

    public int InputCount => Tensors.Tensor.CountOf(input);
    public int KernelCount => Tensors.Tensor.CountOf(kernel);
    public int OutputCount => Tensors.Tensor.CountOf(output);

    /// <summary>The window of a convolution of x <c>[N, C, spatial…]</c> with w <c>[M, C/group, kernel…]</c>.</summary>
    public static WindowGeometry ForConv(WindowAttributes window, ImmutableArray<int> x, ImmutableArray<int> w) => For(window, [.. x[2..]], [.. w[2..]], ceil: false);

    /// <summary>The window of a spatial extent and a kernel.</summary>
    public static WindowGeometry For(WindowAttributes window, int[] input, int[] kernel, bool ceil)
    {
        int rank = input.Length;
        if (window.Problem(rank) is { } problem) throw ReferenceContext.Fail(problem);
        int[] output = new int[rank], stride = new int[rank], dilation = new int[rank], begin = new int[rank], end = new int[rank];
        for (int d = 0; d < rank; d++)
        {
            (stride[d], dilation[d]) = ((int)window.Stride(d), (int)window.Dilation(d));
            (begin[d], end[d]) = window.PadsFor(d, input[d], kernel[d]);
            long padded = (long)input[d] + begin[d] + end[d], span = padded - ((long)dilation[d] * (kernel[d] - 1) + 1);
            if (padded > int.MaxValue) throw ReferenceContext.Fail($"{input[d]} elements padded by {begin[d]} and {end[d]} are more than {int.MaxValue}");
            if (window.AutoPad is AutoPad.SameUpper or AutoPad.SameLower) output[d] = (int)(((long)input[d] + stride[d] - 1) / stride[d]);
            else if (span < 0) throw ReferenceContext.Fail($"a window of {kernel[d]} (dilation {dilation[d]}) does not fit {input[d]} elements padded by {begin[d]} and {end[d]}");
            else if (ceil)
            {
                long rounded = (span + stride[d] - 1) / stride[d] + 1;
                output[d] = Extent((rounded - 1) * stride[d] >= (long)input[d] + begin[d] ? rounded - 1 : rounded);
            }
            else output[d] = Extent(span / stride[d] + 1);
        }
        return new(input, kernel, output, stride, dilation, begin, end);
    }

    private static int Extent(long windows) => windows <= int.MaxValue ? (int)windows : throw ReferenceContext.Fail($"{windows} windows are more than {int.MaxValue}");

    /// <summary>The same windows over an input that holds its padding, so that padded elements count as read.</summary>
    public WindowGeometry WithPaddingAsInput()
    {
        int[] padded = [.. input.Select((extent, d) => extent + padBegin[d] + padEnd[d])], none = new int[input.Length];
        return new(padded, kernel, output, stride, dilation, none, none);
    }

    /// <summary>For each window element, in row-major order, the runs of outputs that read a real (not padded) input through it.</summary>
    public List<WindowRun>[] Taps(ReferenceContext context)
    {
        context.Reserve((long)KernelCount * TapBytes);
        var taps = new List<WindowRun>[KernelCount];
        var k = new int[kernel.Length];
        for (int tap = 0; tap < taps.Length; tap++)
        {
            taps[tap] = [];
            Collect(taps[tap], k, axis: 0, output: 0, source: 0);
            context.Reserve((long)taps[tap].Capacity * Unsafe.SizeOf<WindowRun>());
            context.Observe();
            for (int d = k.Length - 1; d >= 0 && ++k[d] == kernel[d]; d--) k[d] = 0;
        }
        return taps;
    }

    private void Collect(List<WindowRun> runs, int[] k, int axis, int output, int source)
    {
        // Input position of output o along this axis is o·stride + offset; it is real in [0, input).
        long offset = (long)k[axis] * dilation[axis] - padBegin[axis];
        long first = offset >= 0 ? 0 : (-offset + stride[axis] - 1) / stride[axis];
        long last = Math.Min(Output[axis] - 1, Networks.Dim.FloorDiv(input[axis] - 1 - offset, stride[axis]));
        if (first > last) return;
        if (axis == input.Length - 1)
        {
            Append(runs, new(output * Output[axis] + (int)first, source * input[axis] + (int)(first * stride[axis] + offset), (int)(last - first + 1), stride[axis]));
            return;
        }
        for (long o = first; o <= last; o++) Collect(runs, k, axis + 1, output * Output[axis] + (int)o, source * input[axis] + (int)(o * stride[axis] + offset));
    }

    // Rows that follow one another without a gap (a pointwise window) become one long run.
    private static void Append(List<WindowRun> runs, WindowRun run)
    {
        if (runs is [.., var last] && last.Output + last.Length == run.Output && last.Input + (long)last.Length * last.InputStep == run.Input)
            runs[^1] = last with { Length = last.Length + run.Length };
        else runs.Add(run);
    }
}

using Strata.Operators;
using Strata.Operators.Reference;

namespace Strata.Kernels.Conv;

/// <summary>
/// A convolution with concrete, checked sizes: x <c>[Batch, Groups · Channels, input]</c>, w <c>[Groups · Filters, Channels,
/// kernel]</c>, y <c>[Batch, Groups · Filters, output]</c>. There are always three spatial axes; missing outer ones are 1.
/// </summary>
internal sealed class ConvShape
{
    /// <summary>Spatial axes.</summary>
    public const int Axes = 3;

    /// <summary>A convolution over at most three axes whose sizes fit together.</summary>
    public ConvShape(int batch, int groups, int channels, int filters, WindowGeometry window)
        : this(batch, groups, channels, filters, Padded(window.Input, 1), Padded(window.Kernel, 1), Padded(window.Output, 1), Padded(window.Stride, 1), Padded(window.Dilation, 1), Padded(window.PadBegin, 0))
    {
    }

    private ConvShape(int batch, int groups, int channels, int filters, int[] input, int[] kernel, int[] output, int[] stride, int[] dilation, int[] pad)
    {
        (Batch, Groups, Channels, Filters) = (batch, groups, channels, filters);
        (Input, Kernel, Output) = (input, kernel, output);
        (Stride, Dilation, Pad) = (stride, dilation, pad);
        (InputSize, Taps, OutputSize) = (Tensors.Tensor.CountOf(input), Tensors.Tensor.CountOf(kernel), Tensors.Tensor.CountOf(output));
    }

    public int Batch { get; }
    public int Groups { get; }
    public int Channels { get; }
    public int Filters { get; }
    public int[] Input { get; }
    public int[] Kernel { get; }
    public int[] Output { get; }
    public int[] Stride { get; }
    public int[] Dilation { get; }
    public int[] Pad { get; }
    public int InputSize { get; }
    public int Taps { get; }
    public int OutputSize { get; }

    /// <summary>Length of the sum of an output.</summary>
    public long K => (long)Channels * Taps;

    /// <summary>True when a patch is one element, and patches follow one another as elements do.</summary>
    public bool IsPointwise => Taps == 1 && Stride is [1, 1, 1] && Pad is [0, 0, 0] && Input.AsSpan().SequenceEqual(Output);

    /// <summary>The convolution of a layer; null when it has more than three spatial axes or its sizes do not fit together.</summary>
    public static ConvShape? Of(KernelRequest request)
    {
        var op = (Operators.Conv)request.Operator;
        int[] x = request.Input(0).Dims, w = request.Input(1).Dims, y = request.Output.Dims;
        if (x.Length is < 3 or > Axes + 2 || w.Length != x.Length || y.Length != x.Length || op.Group < 1 || op.Group > w[0] && w[0] > 0) return null;
        int group = (int)Math.Min(op.Group, int.MaxValue);
        if (x[1] != (long)w[1] * group || w[0] % group != 0 || request.Has(2) && request.Input(2).Count != w[0]) return null;
        var window = WindowGeometry.ForConv(op.Window, [.. x], [.. w]);
        if (y[0] != x[0] || y[1] != w[0] || !y.AsSpan(2).SequenceEqual(window.Output)) return null;
        return new ConvShape(x[0], group, w[1], w[0] / group, window).AlongRows();
    }

    // The same convolution with a last axis that is longer than 1 where there is any: rows are what kernels are fast at.
    private ConvShape AlongRows()
    {
        var shape = this;
        for (int i = 1; i < Axes && shape is { Input: [.., 1], Kernel: [.., 1], Output: [.., 1], Pad: [.., 0] }; i++) shape = shape.Turned();
        return shape;
    }

    private ConvShape Turned()
    {
        return new(Batch, Groups, Channels, Filters, Turn(Input), Turn(Kernel), Turn(Output), Turn(Stride), Turn(Dilation), Turn(Pad));

        static int[] Turn(int[] axes) => [axes[^1], .. axes[..^1]];
    }

    /// <summary>
    /// The convolution that a layer transposes, from the layer's result to its operand; null when it has more than three spatial
    /// axes or its sizes do not fit together.
    /// </summary>
    public static ConvShape? OfTransposed(KernelRequest request)
    {
        var op = (ConvTranspose)request.Operator;
        int[] x = request.Input(0).Dims, w = request.Input(1).Dims, y = request.Output.Dims;
        if (x.Length is < 3 or > Axes + 2 || w.Length != x.Length || y.Length != x.Length || op.Group < 1 || op.Group > w[0] && w[0] > 0) return null;
        int group = (int)Math.Min(op.Group, int.MaxValue);
        if (x[1] != w[0] || w[0] % group != 0 || y[1] != (long)w[1] * group || request.Has(2) && request.Input(2).Count != y[1]) return null;
        var window = ConvTransposeReference.Geometry(op, x[2..], w[2..]);
        return y[0] == x[0] && y.AsSpan(2).SequenceEqual(window.Input) ? new(x[0], group, w[1], w[0] / group, window) : null;
    }

    private static int[] Padded(int[] extents, int filler) => [.. Enumerable.Repeat(filler, Axes - extents.Length), .. extents];
}

using Strata.Operators;
using Strata.Operators.Reference;

namespace Strata.Kernels.Conv;

/// <summary>
/// A transposed convolution cut into sub-filters, one for each combination of an output's position modulo the strides:
/// x <c>[Batch, Groups · Channels, input]</c>, y <c>[Batch, Groups · Filters, output]</c>. Each is a convolution of stride 1 whose
/// outputs lie the strides apart in y. Their grids of outputs are taken as equally large; what lies beyond y is not kept.
/// </summary>
internal sealed unsafe class SubFilterShape
{
    // More sub-filters, or further paddings, are left to other methods.
    private const long MostPhases = 4096, MostPad = 1 << 28;

    private readonly int[] kernel;
    private readonly long[] starts; // of the weights of each sub-filter, and their end

    private SubFilterShape(ConvShape transposed, SubFilter[][] axes)
    {
        (Batch, Groups, Channels, Filters) = (transposed.Batch, transposed.Groups, transposed.Filters, transposed.Channels);
        (Input, Output, Stride, InputSize, OutputSize) = (transposed.Output, transposed.Input, transposed.Stride, transposed.OutputSize, transposed.InputSize);
        (Axes, kernel, Grid) = (axes, transposed.Kernel, [.. axes.Select(a => a.Length == 0 ? 0 : a[0].Count)]);
        Phases = axes[0].Length * axes[1].Length * axes[2].Length;
        Parts = [.. Enumerable.Range(0, Phases).Select(Part)];
        starts = new long[Phases + 1];
        for (int p = 0; p < Phases; p++) starts[p + 1] = starts[p] + (long)Groups * Filters * Parts[p].K;
    }

    public int Batch { get; }
    public int Groups { get; }
    public int Channels { get; }
    public int Filters { get; }
    public int[] Input { get; }
    public int[] Output { get; }
    public int[] Stride { get; }
    public int InputSize { get; }
    public int OutputSize { get; }

    /// <summary>The sub-filters along each axis.</summary>
    public SubFilter[][] Axes { get; }

    /// <summary>Outputs of a sub-filter along each axis.</summary>
    public int[] Grid { get; }

    /// <summary>Number of sub-filters.</summary>
    public int Phases { get; }

    /// <summary>The convolution of each sub-filter.</summary>
    public ConvShape[] Parts { get; }

    /// <summary>The weights of all sub-filters.</summary>
    public long WeightCount => starts[Phases];

    /// <summary>The transposed convolution of a layer; null when its sizes do not fit together, or are beyond what sub-filters serve.</summary>
    public static SubFilterShape? Of(KernelRequest request)
    {
        if (ConvShape.OfTransposed(request) is not { } t) return null;
        long phases = 1;
        for (int d = 0; d < ConvShape.Axes; d++) phases *= Math.Min(t.Stride[d], t.Input[d]);
        if (phases > MostPhases) return null;
        SubFilter[][] axes = [.. Enumerable.Range(0, ConvShape.Axes).Select(d => SubFilter.Along(t.Kernel[d], t.Input[d], t.Stride[d], t.Dilation[d], t.Pad[d]))];
        return axes.All(a => a.All(f => Math.Abs(f.Pad) + (long)f.Taps * f.Dilation + f.Count < MostPad)) ? new(t, axes) : null;
    }

    /// <summary>The number of a sub-filter.</summary>
    public int Phase(int z, int y, int x) => (z * Axes[1].Length + y) * Axes[2].Length + x;

    /// <summary>Where the weights of a sub-filter start, as <c>[Groups · Filters, Channels · taps]</c>.</summary>
    public long Start(int phase) => starts[phase];

    /// <summary>Takes the weights of a sub-filter out of those of the layer, <c>[Groups · Channels, Filters, kernel]</c>.</summary>
    public void Extract(float* weights, int phase, float* target)
    {
        int taps = Parts[phase].Taps, size = kernel[0] * kernel[1] * kernel[2];
        var (z, y, x) = Of(phase);
        for (int g = 0; g < Groups; g++)
        {
            for (int f = 0; f < Filters; f++)
            {
                for (int c = 0; c < Channels; c++, target += taps)
                {
                    float* from = weights + (((long)g * Channels + c) * Filters + f) * size, to = target;
                    for (int i = 0; i < z.Taps; i++)
                    {
                        for (int j = 0; j < y.Taps; j++)
                        {
                            float* row = from + (z.Tap(i) * kernel[1] + y.Tap(j)) * kernel[2];
                            for (int k = 0; k < x.Taps; k++) *to++ = row[x.Tap(k)];
                        }
                    }
                }
            }
        }
    }

    private (SubFilter Z, SubFilter Y, SubFilter X) Of(int phase)
    {
        int x = phase % Axes[2].Length, y = phase / Axes[2].Length % Axes[1].Length, z = phase / Axes[2].Length / Axes[1].Length;
        return (Axes[0][z], Axes[1][y], Axes[2][x]);
    }

    private ConvShape Part(int phase)
    {
        var (z, y, x) = Of(phase);
        int[] pads = [(int)z.Pad, (int)y.Pad, (int)x.Pad];
        return new(Batch, Groups, Channels, Filters, new WindowGeometry(Input, [z.Taps, y.Taps, x.Taps], Grid, [1, 1, 1], [z.Dilation, y.Dilation, x.Dilation], pads, pads));
    }
}

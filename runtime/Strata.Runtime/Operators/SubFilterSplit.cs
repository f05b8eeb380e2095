using System.Collections.Immutable;
using Strata.Networks;

namespace Strata.Operators;

/// <summary>One convolution of a <see cref="SubFilterSplit"/>: the layer, and which taps of the whole filter it takes, as bounds of a slice along the spatial axes.</summary>
public sealed record SubFilterPart(Conv Operator, ImmutableArray<long> Starts, ImmutableArray<long> Ends, ImmutableArray<long> Steps);

/// <summary>
/// A transposed convolution as convolutions of its sub-filters, one for each combination of an output's position modulo the strides, whose
/// equally large results an <see cref="Interleave"/> puts together. Pads of theirs are relative to the input's extents, so that these may be unknown.
/// </summary>
public sealed class SubFilterSplit
{
    private readonly ConvTranspose op;
    private readonly Axis[] axes;

    private SubFilterSplit(ConvTranspose op, Axis[] axes)
    {
        (this.op, this.axes) = (op, axes);
        Interleave = new() { Strides = [.. axes.Select(a => a.Stride)], Trim = axes.All(a => a.Trim == 0) ? [] : [.. axes.Select(a => a.Trim)] };
        Parts = [.. Enumerable.Range(0, Interleave.Parts()!.Value).Select(Part)];
    }

    /// <summary>Most convolutions; what needs more is left whole.</summary>
    public const int MostParts = 256;

    /// <summary>What puts the results together.</summary>
    public Interleave Interleave { get; }

    /// <summary>The convolutions; null where no tap reaches an output, which is the bias.</summary>
    public ImmutableArray<SubFilterPart?> Parts { get; }

    /// <summary>True when the one convolution there is gives the result itself.</summary>
    public bool IsWhole => Parts.Length == 1 && Interleave.Trim.IsEmpty;

    /// <summary>
    /// The split of a layer. Null where there is none: the taps are not known, outputs and inputs grow differently, there are too many sub-filters,
    /// or no output is reached by any tap.
    /// </summary>
    public static SubFilterSplit? Of(ConvTranspose op, Shape input, Shape weights, Shape output)
    {
        int spatial = input.Rank - 2;
        if (spatial < 1 || weights.Rank != input.Rank || output.Rank != input.Rank || op.Problem(spatial) is not null) return null;
        long parts = 1;
        for (int d = 0; d < spatial; d++)
        {
            if (op.Window.Stride(d) > MostParts || (parts *= op.Window.Stride(d)) > MostParts) return null;
        }
        var axes = new Axis[spatial];
        for (int d = 0; d < spatial; d++)
        {
            if (weights[d + 2].Constant is not (>= 1 and <= int.MaxValue and var kernel) || Along(op, d, spatial, input[d + 2], kernel, output[d + 2]) is not { } axis) return null;
            axes[d] = axis;
        }
        var split = new SubFilterSplit(op, axes);
        return split.Parts.Any(p => p is not null) && split.Parts.All(p => p is null || p.Operator.Window.Problem(spatial) is null) ? split : null;
    }

    // Growth: outputs of each sub-filter, less inputs.
    private readonly record struct Axis(long Stride, long Kernel, SubFilter[] Filters, long Growth, long Trim);

    private static Axis? Along(ConvTranspose op, int axis, int spatial, Dim input, long kernel, Dim output)
    {
        if (op.Cut(axis, spatial, input, kernel) is not { } cut || Math.Abs(cut) > int.MaxValue) return null;
        long stride = op.Window.Stride(axis), growth, trim, reached = stride;
        if (input.Constant is { } inputs && output.Constant is { } outputs)
        {
            if (outputs is < 1 or > int.MaxValue) return null;
            long grid = (outputs + stride - 1) / stride;
            (growth, trim, reached) = (grid - inputs, grid * stride - outputs, Math.Min(stride, outputs));
        }
        else if ((output - input * stride).Constant is { } more)
        {
            // No fewer than inputs, so that no convolution is left without a window to look through where these are few.
            growth = Math.Max(0, -Dim.FloorDiv(-more, stride));
            trim = growth * stride - more;
        }
        else return null;
        return trim > int.MaxValue ? null : new(stride, kernel, SubFilter.Along((int)kernel, (int)reached, (int)stride, (int)op.Window.Dilation(axis), cut), growth, trim);
    }

    private SubFilterPart? Part(int index)
    {
        int[] offsets = Interleave.Offsets(index);
        for (int d = 0; d < axes.Length; d++)
        {
            if (offsets[d] >= axes[d].Filters.Length || axes[d].Filters[offsets[d]].Taps == 0) return null;
        }
        SubFilter[] filters = [.. axes.Select((a, d) => a.Filters[offsets[d]])];
        var window = new WindowAttributes
        {
            Dilations = filters.All(f => f.Dilation == 1) ? [] : [.. filters.Select(f => (long)f.Dilation)],
            Pads = [.. filters.Select(f => f.Pad), .. filters.Select((f, d) => axes[d].Growth - f.Pad + (f.Taps - 1L) * f.Dilation)],
        };
        // Backwards from the last tap; −1 would count from the end.
        return new(new() { Window = window, Group = op.Group }, [.. filters.Select(f => (long)f.Tap(0))],
            [.. filters.Select((f, d) => f.FirstTap > 0 ? f.FirstTap - 1L : -axes[d].Kernel - 1)], [.. filters.Select(f => -(long)f.TapStep)]);
    }
}

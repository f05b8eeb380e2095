using System.Collections.Immutable;
using Strata.Networks;

namespace Strata.Operators;

/// <summary>
/// A transposed convolution that stands in a network as convolutions of sub-filters and an <see cref="Interleave"/> of their results:
/// the operator as one layer, its operands, and the convolutions.
/// </summary>
internal sealed record SubFilterJoin(ConvTranspose Operator, Value Input, Value Weights, Value? Bias, ImmutableArray<Layer> Convolutions)
{
    private readonly record struct Part(Layer Layer, Conv Operator, Value Weights, Value Filters, long[] Starts, long[] Steps);

    /// <summary>What <see cref="SubFilterSplit"/> made these layers of, found by their attributes and bounds; null where they are something else.</summary>
    public static SubFilterJoin? Of(Layer layer)
    {
        if (layer.Operator is not Interleave op || op.Parts() is not { } count || layer.Inputs.Length < 1 || layer.Outputs is not [{ Type: TensorType { Shape: { } output } }]) return null;
        int axes = op.Strides.Length;
        var parts = new Part?[count];
        for (int p = 0; p < count && p < layer.Inputs.Length; p++)
        {
            if (layer.Inputs[p] is null) continue;
            if (PartOf(layer.Inputs[p]!, axes) is not { } part) return null;
            parts[p] = part;
        }
        if (Array.FindIndex(parts, p => p is not null) is not (>= 0 and var at)) return null;
        var first = parts[at]!.Value;
        Value input = first.Layer.Inputs[0]!;
        Value? bias = first.Layer.Inputs.ElementAtOrDefault(2);
        if (parts.Any(p => p is { } q && (q.Layer.Inputs[0] != input || q.Layer.Inputs.ElementAtOrDefault(2) != bias || q.Weights != first.Weights || q.Operator.Group != first.Operator.Group))) return null;
        if (parts.Any(p => p is null) && layer.Inputs.ElementAtOrDefault(count) != bias) return null;
        if (Source(first.Weights, first.Operator.Group) is not { Type: TensorType { Shape: { } weights } } source || input.Type is not TensorType { Shape: { } shape } || shape.Rank != axes + 2) return null;

        var whole = Whole(op, first, op.Offsets(at), weights, axes);
        if (whole is null || whole.Problem(axes) is not null) return null;
        for (int p = 0; p < count; p++)
        {
            if (!Fits(whole, op.Offsets(p), parts[p], first, weights, output)) return null;
        }
        return new(whole, input, source, bias, [.. parts.Where(p => p is not null).Select(p => p!.Value.Layer)]);
    }

    // conv(x, slice(weights)) over all spatial axes, in steps of 1.
    private static Part? PartOf(Value value, int axes)
    {
        if (value.Producer is not { Operator: Conv { Window: { AutoPad: AutoPad.NotSet, KernelShape: [] } window } conv, Inputs: { Length: >= 2 } inputs } layer || window.Strides.Any(s => s != 1)) return null;
        if (inputs[1] is not { Type: TensorType { Shape: { } shape }, Producer: { Operator: Slice, Inputs: [{ } weights, { } starts, _, { } along, { } steps] } } filters || shape.Rank != axes + 2) return null;
        if (Ints(starts) is not { } from || Ints(along) is not { } chosen || Ints(steps) is not { } step || from.Length != axes || step.Length != axes || !chosen.SequenceEqual(Enumerable.Range(2, axes).Select(a => (long)a))) return null;
        return shape.Skip(2).All(d => d.Constant is >= 1 and <= int.MaxValue) && step.All(s => s is < 0 and > -int.MaxValue) && from.All(s => s is >= 0 and < int.MaxValue) ? new(layer, conv, weights, filters, from, step) : null;
    }

    private static long[]? Ints(Value value) => value.Constant is { Type.ElementType: Tensors.ElementType.Int64, Count: <= 8 } constant ? constant.Materialize().ToInt64s() : null;

    // The weights [C, M/G, …] of which others are [M, C/G, …].
    private static Value? Source(Value filters, long group)
    {
        if (group == 1) return filters.Producer is { Operator: Transpose { Perm: [1, 0, .. var rest] } } swapped && IsCounting(rest, 2) ? swapped.Inputs[0] : null;
        if (filters.Producer is not { Operator: Reshape, Inputs: [{ Producer: { Operator: Transpose { Perm: [0, 2, 1, .. var others] }, Inputs: [{ Producer: { Operator: Reshape, Inputs: [{ } source, _] } } cut] } } swap, _] } || !IsCounting(others, 3)) return null;
        // [G, C/G, M/G, …], which only the weights' first axis was cut into.
        return source.Type is TensorType { Shape.Constant: { } w } && cut.Type is TensorType { Shape.Constant: { } c } && filters.Type is TensorType { Shape.Constant: { } f } && swap.Type is TensorType { Shape.Constant: not null }
            && w.Length >= 3 && c.Length == w.Length + 1 && f.Length == w.Length && c[0] == group && c[0] * (long)c[1] == w[0] && c.AsSpan(2).SequenceEqual(w.AsSpan(1)) && f[1] == c[1] && f[0] == (long)c[0] * c[2] && f.AsSpan(2).SequenceEqual(w.AsSpan(2))
            ? source : null;
    }

    private static bool IsCounting(ImmutableArray<long> axes, int from) => axes.SequenceEqual(Enumerable.Range(from, axes.Length).Select(a => (long)a));

    // The layer of which a part at some offsets is a part.
    private static ConvTranspose? Whole(Interleave op, Part part, int[] offsets, Shape weights, int axes)
    {
        long[] dilations = new long[axes], begin = new long[axes], end = new long[axes];
        if (weights.Rank != axes + 2) return null;
        for (int d = 0; d < axes; d++)
        {
            long stride = op.Strides[d], step = -part.Steps[d], taps = Taps(part, d);
            if (weights[d + 2].Constant is not (>= 1 and <= int.MaxValue and var kernel) || stride % step != 0) return null;
            long dilation = stride / step * part.Operator.Window.Dilation(d), tap = part.Starts[d] - (taps - 1) * step;
            if (tap < 0 || dilation > int.MaxValue) return null;
            var (before, after) = part.Operator.Window.ExplicitPads(d);
            long rest = tap * dilation % stride, furthest = ((tap + (taps - 1) * step) * dilation - rest) / stride;
            long growth = before + after - (taps - 1) * part.Operator.Window.Dilation(d);
            dilations[d] = dilation;
            begin[d] = rest + stride * (furthest - before) - offsets[d];
            end[d] = (kernel - 1) * dilation + 1 - stride - begin[d] - stride * growth + op.TrimOf(d);
        }
        return new() { Group = part.Operator.Group, Window = new() { Strides = op.Strides, Dilations = [.. dilations], Pads = [.. begin, .. end] } };
    }

    private static long Taps(Part part, int axis) => ((TensorType)part.Filters.Type).Shape![axis + 2].Constant!.Value;

    // True when a part is what the layer needs at some offsets: none where no tap reaches them, or where no output is.
    private static bool Fits(ConvTranspose whole, int[] offsets, Part? part, Part first, Shape weights, Shape output)
    {
        bool isReached = true;
        for (int d = 0; d < offsets.Length; d++)
        {
            var window = whole.Window;
            int kernel = (int)weights[d + 2].Constant!.Value, stride = (int)window.Stride(d);
            var filter = SubFilter.Along(kernel, stride, stride, (int)window.Dilation(d), window.ExplicitPads(d).Begin)[offsets[d]];
            isReached &= filter.Taps > 0 && !(output[d + 2].Constant <= offsets[d]);
            if (part is not { } given || filter.Taps == 0) continue;
            var (before, after) = given.Operator.Window.ExplicitPads(d);
            bool isSame = Taps(given, d) == filter.Taps && given.Starts[d] == filter.Tap(0) && -given.Steps[d] == filter.TapStep && given.Operator.Window.Dilation(d) == filter.Dilation && before == filter.Pad;
            if (!isSame || before + after - (filter.Taps - 1L) * filter.Dilation != Growth(first, d)) return false;
        }
        return isReached == part is not null;
    }

    private static long Growth(Part part, int axis)
    {
        var (before, after) = part.Operator.Window.ExplicitPads(axis);
        return before + after - (Taps(part, axis) - 1) * part.Operator.Window.Dilation(axis);
    }
}

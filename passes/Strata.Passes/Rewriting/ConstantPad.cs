using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>A Pad that adds one known value, and removes nothing.</summary>
/// <param name="Operand">What is padded.</param>
/// <param name="Begins">Elements added before each axis.</param>
/// <param name="Ends">Elements added after each axis.</param>
/// <param name="Value">The value, whose sign counts where it is zero.</param>
internal sealed record ConstantPad(Value Operand, long[] Begins, long[] Ends, double Value)
{
    /// <summary>A layer seen so, or null.</summary>
    public static ConstantPad? Of(Layer? layer)
    {
        if (layer?.Operator is not Pad { Mode: PadMode.Constant } || layer.Inputs[0]!.TensorType is not { Rank: { } rank, ElementType: not ElementType.String }) return null;
        if (Match.Ints(layer.Inputs[1]) is not { } pads || pads.Any(p => p is < 0 or > int.MaxValue)) return null;
        double? value = layer.Inputs.Length > 2 && layer.Inputs[2] is { } given ? Match.Scalar(given) : 0;
        long[]? axes = layer.Inputs.Length > 3 && layer.Inputs[3] is { } chosen ? Match.Ints(chosen) : [.. Enumerable.Range(0, rank).Select(i => (long)i)];
        if (value is null || axes is null || pads.Length != 2 * axes.Length || axes.Any(a => a < -rank || a >= rank)) return null;
        long[] begins = new long[rank], ends = new long[rank];
        foreach (var (i, axis) in axes.Index())
        {
            long at = axis < 0 ? axis + rank : axis;
            (begins[at], ends[at]) = (begins[at] + pads[i], ends[at] + pads[i + axes.Length]);
        }
        return new(layer.Inputs[0]!, begins, ends, value.Value);
    }
}

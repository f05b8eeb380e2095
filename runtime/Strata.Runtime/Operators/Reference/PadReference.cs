using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Pad"/>.</summary>
internal static class PadReference
{
    public static Tensor Evaluate(Pad op, ReferenceContext context)
    {
        var data = context[0];
        var pads = context[1].ToInt64s();
        int[] axes = context.Tensor(3) is { } given ? AxisList.Resolve(given.ToInt64s(), data.Rank) : [.. Enumerable.Range(0, data.Rank)];
        if (pads.Length != 2 * axes.Length) throw ReferenceContext.Fail($"{pads.Length} pads are given for {axes.Length} axes");
        int[] dims = [.. data.Dims];
        var (begins, ends) = (new long[data.Rank], new long[data.Rank]);
        for (int i = 0; i < axes.Length; i++)
        {
            (begins[axes[i]], ends[axes[i]]) = (pads[i], pads[i + axes.Length]);
            Int128 extent = (Int128)data.Dims[axes[i]] + pads[i] + pads[i + axes.Length];
            if (extent < 0 || extent > int.MaxValue) throw ReferenceContext.Fail($"pads {pads[i]} and {pads[i + axes.Length]} make {extent} elements of {data.Dims[axes[i]]}");
            dims[axes[i]] = (int)extent;
        }
        Slabs.Checked(data.ElementType, dims);
        var picks = new int[data.Rank][];
        for (int d = 0; d < picks.Length; d++) picks[d] = Picks(op.Mode, data.Dims[d], begins[d], ends[d], dims[d]);

        int[] positions = IndexMap.Picked(data.Dims.AsSpan(), picks);
        if (op.Mode != PadMode.Constant || context.Tensor(2) is not { } constant) return Slabs.Gather(data, dims, positions);
        if (constant.Count != 1) throw ReferenceContext.Fail($"the constant must have one element, is {constant}");
        for (int i = 0; i < positions.Length; i++)
        {
            if (positions[i] < 0) positions[i] = data.Count;
        }
        return Slabs.Gather(Slabs.Chain(data, constant), dims, positions);
    }

    // Negative pads crop first; the other side is then filled from what is left.
    private static int[] Picks(PadMode mode, int extent, long begin, long end, int length)
    {
        long first = Math.Max(-begin, 0), left = extent - first - Math.Max(-end, 0);
        if (left <= 0 && length > 0 && mode != PadMode.Constant) throw ReferenceContext.Fail("an empty dimension has nothing to be padded with");
        var picks = new int[length];
        for (int i = 0; i < length; i++)
        {
            long at = i - Math.Max(begin, 0);
            if (at < 0 || at >= left) at = mode switch
            {
                PadMode.Constant => -1,
                PadMode.Edge => Math.Clamp(at, 0, left - 1),
                PadMode.Wrap => Modulo(at, left),
                _ => Reflect(at, left),
            };
            picks[i] = at < 0 ? -1 : (int)(first + at);
        }
        return picks;
    }

    private static long Modulo(long value, long period) => (value % period + period) % period;

    private static long Reflect(long at, long extent)
    {
        if (extent == 1) return 0;
        long phase = Modulo(at, 2 * (extent - 1));
        return phase < extent ? phase : 2 * (extent - 1) - phase;
    }
}

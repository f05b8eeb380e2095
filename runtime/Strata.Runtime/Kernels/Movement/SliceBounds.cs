using Strata.Operators;

namespace Strata.Kernels.Movement;

/// <summary>The constant bounds of a slice.</summary>
internal static class SliceBounds
{
    /// <summary>First index and step along each axis for operands (data, starts, ends, axes, steps); null when one is not constant.</summary>
    public static (long First, long Step)[]? Of(IReadOnlyList<KernelOperand?> operands, int[] dims)
    {
        var given = new long[]?[5];
        for (int i = 1; i < operands.Count; i++)
        {
            if (operands[i] is not { } operand) continue;
            if (operand.Constant is null) return null;
            given[i] = operand.Constant.Materialize().ToInt64s();
        }
        long[] starts = given[1]!, ends = given[2]!;
        var bounds = new (long, long)[dims.Length];
        Array.Fill(bounds, (0, 1));
        var axes = AxisList.Resolve(given[3] ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)], dims.Length);
        for (int i = 0; i < axes.Length; i++)
        {
            var (first, step, _) = SliceExtent.Resolve(dims[axes[i]], starts[i], ends[i], given[4]?[i] ?? 1);
            bounds[axes[i]] = (first, step);
        }
        return bounds;
    }
}

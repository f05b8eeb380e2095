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
        // Extents are checked before anything of their size is made.
        int[] dims = [.. data.Dims];
        for (int i = 0; i < Math.Min(axes.Length, pads.Length / 2); i++) dims[axes[i]] = (int)Int128.Clamp((Int128)dims[axes[i]] + pads[i] + pads[i + axes.Length], 0, int.MaxValue);
        Slabs.Checked(data.ElementType, dims);
        var picks = op.Picks(data.Dims.AsSpan(), pads, axes);

        int[] positions = IndexMap.Picked(data.Dims.AsSpan(), picks);
        if (op.Mode != PadMode.Constant || context.Tensor(2) is not { } constant) return Slabs.Gather(data, dims, positions);
        if (constant.Count != 1) throw ReferenceContext.Fail($"the constant must have one element, is {constant}");
        for (int i = 0; i < positions.Length; i++)
        {
            if (positions[i] < 0) positions[i] = data.Count;
        }
        return Slabs.Gather(Slabs.Chain(data, constant), dims, positions);
    }
}

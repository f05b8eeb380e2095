using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates the operators that only move elements: each is a shape and a map from result to source positions.</summary>
internal static class MovementReference
{
    public static Tensor Evaluate(Reshape op, ReferenceContext context) => context[0].Reshape(op.Resolve(context[0].Dims.AsSpan(), context[1].ToInt64s()));

    public static Tensor Evaluate(Transpose op, ReferenceContext context)
    {
        var data = context[0];
        int[] dims = [.. op.PermFor(data.Rank).Select(p => data.Dims[p])];
        return Slabs.Gather(data, dims, op.Positions(data.Dims.AsSpan()));
    }

    public static IReadOnlyList<RuntimeValue?> Evaluate(Split op, ReferenceContext context)
    {
        var data = context[0];
        int axis = Axis(op.Axis, data.Rank), parts = context.OutputCount, extent = data.Dims[axis];
        long[] sizes;
        if (context.Tensor(1) is { } given) sizes = given.ToInt64s();
        else
        {
            sizes = new long[parts];
            long part = (extent + parts - 1) / parts;
            Array.Fill(sizes, part);
            sizes[^1] = extent - part * (parts - 1);
        }
        if (sizes.Length != parts || sizes.Any(s => s < 0 || s > extent) || sizes.Sum() != extent)
            throw ReferenceContext.Fail($"extents {string.Join(", ", sizes)} do not cut {extent} elements into {parts} parts");
        var results = new RuntimeValue?[parts];
        for (int i = 0, start = 0; i < parts; start += (int)sizes[i], i++)
        {
            int[] dims = [.. data.Dims];
            dims[axis] = (int)sizes[i];
            results[i] = Slabs.Gather(data, dims, Split.Positions(data.Dims.AsSpan(), axis, start, (int)sizes[i]));
        }
        return results;
    }

    public static Tensor Evaluate(Slice _, ReferenceContext context)
    {
        var (positions, dims) = Slice.Positions(context[0].Dims.AsSpan(), context[1].ToInt64s(), context[2].ToInt64s(), context.Tensor(3)?.ToInt64s(), context.Tensor(4)?.ToInt64s());
        return Slabs.Gather(context[0], dims, positions);
    }

    public static Tensor Evaluate(Expand _, ReferenceContext context)
    {
        var data = context[0];
        int[] dims = Slabs.Checked(data.ElementType, Broadcasting.Dims(data.Dims.AsSpan(), Extents(context[1])));
        return Slabs.Gather(data, dims, Expand.Positions(data.Dims.AsSpan(), dims));
    }

    public static Tensor Evaluate(Tile _, ReferenceContext context)
    {
        var data = context[0];
        int[] repeats = Extents(context[1]);
        if (repeats.Length != data.Rank) throw ReferenceContext.Fail($"{repeats.Length} repeats are given for {data}");
        int[] dims = Slabs.Checked(data.ElementType, [.. data.Dims.Zip(repeats, static (d, r) => (int)Math.Min((long)d * r, int.MaxValue))]);
        return Slabs.Gather(data, dims, Tile.Positions(data.Dims.AsSpan(), dims));
    }

    public static Tensor Evaluate(Squeeze _, ReferenceContext context)
    {
        var data = context[0];
        if (context.Tensor(1) is not { } given) return data.Reshape([.. data.Dims.Where(d => d != 1)]);
        int[] axes = AxisList.Resolve(given.ToInt64s(), data.Rank);
        return data.Reshape([.. data.Dims.Where((_, d) => !axes.Contains(d))]);
    }

    public static Tensor Evaluate(Unsqueeze _, ReferenceContext context)
    {
        var data = context[0];
        var given = context[1].ToInt64s();
        int[] axes = AxisList.Resolve(given, data.Rank + given.Length);
        var dims = new int[data.Rank + axes.Length];
        for (int d = 0, from = 0; d < dims.Length; d++) dims[d] = axes.Contains(d) ? 1 : data.Dims[from++];
        return data.Reshape(dims);
    }

    public static Tensor Evaluate(Flatten op, ReferenceContext context)
    {
        var dims = context[0].Dims;
        int at = op.Split(dims.Length);
        return context[0].Reshape(Tensor.CountOf(dims.AsSpan()[..at]), Tensor.CountOf(dims.AsSpan()[at..]));
    }

    public static Tensor Evaluate(ConstantOfShape op, ReferenceContext context)
    {
        int[] dims = Extents(context[0]);
        return op.Value?.Materialize() is { } value ? Slabs.Fill(value, dims) : Tensor.Zeros(ElementType.Float32, dims);
    }

    public static Tensor Evaluate(CenterCropPad op, ReferenceContext context)
    {
        var data = context[0];
        int[] axes = AxisList.Resolve(op.AxesFor(data.Rank), data.Rank), extents = Extents(context[1]), dims = [.. data.Dims];
        if (extents.Length != axes.Length) throw ReferenceContext.Fail($"{extents.Length} extents are given for {axes.Length} axes");
        for (int i = 0; i < axes.Length; i++) dims[axes[i]] = extents[i];
        var picks = IndexMap.All(Slabs.Checked(data.ElementType, dims));
        foreach (int axis in axes)
        {
            int from = data.Dims[axis], to = dims[axis], shift = from >= to ? (from - to) / 2 : -((to - from) / 2);
            picks[axis] = [.. picks[axis].Select(i => i + shift < from ? Math.Max(i + shift, -1) : -1)];
        }
        return Slabs.Gather(data, dims, IndexMap.Picked(data.Dims.AsSpan(), picks));
    }

    /// <summary>An axis in [0, rank).</summary>
    internal static int Axis(long axis, int rank) => AxisList.Resolve([axis], rank)[0];

    /// <summary>Extents given as an operand.</summary>
    internal static int[] Extents(Tensor tensor)
    {
        var values = tensor.ToInt64s();
        if (values.FirstOrDefault(v => v is < 0 or > int.MaxValue) is not 0 and var bad) throw ReferenceContext.Fail($"an extent or repeat is {bad}; allowed are 0 to {int.MaxValue}");
        return [.. values.Select(v => (int)v)];
    }
}

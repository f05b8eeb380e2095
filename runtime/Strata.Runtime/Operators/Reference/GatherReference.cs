using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Gather"/>, <see cref="GatherElements"/> and <see cref="GatherND"/>.</summary>
internal static class GatherReference
{
    public static Tensor Evaluate(Gather op, ReferenceContext context)
    {
        Tensor data = context[0], indices = context[1];
        int axis = MovementReference.Axis(op.Axis, data.Rank);
        int[] dims = Slabs.Checked(data.ElementType, [.. data.Dims[..axis], .. indices.Dims, .. data.Dims[(axis + 1)..]]);
        return Slabs.Gather(data, dims, Gather.Positions(data.Dims.AsSpan(), axis, indices.ToInt64s()));
    }

    public static Tensor Evaluate(GatherElements op, ReferenceContext context) =>
        Slabs.Gather(context[0], context[1].Dims.AsSpan(), ElementPositions(context[0], context[1], op.Axis));

    /// <summary>For each element of indices, the position in data that it means along the axis.</summary>
    internal static int[] ElementPositions(Tensor data, Tensor indices, long givenAxis)
    {
        int axis = MovementReference.Axis(givenAxis, data.Rank), extent = data.Dims[axis];
        if (indices.Rank != data.Rank) throw ReferenceContext.Fail($"data {data} and indices {indices} differ in rank");
        for (int d = 0; d < data.Rank; d++)
        {
            if (d != axis && indices.Dims[d] > data.Dims[d]) throw ReferenceContext.Fail($"indices {indices} exceed data {data} in dimension {d}");
        }
        int[] strides = IndexMap.Strides(data.Dims.AsSpan()), steps = [.. strides];
        steps[axis] = 0;
        var positions = IndexMap.Strided(indices.Dims.AsSpan(), steps);
        var values = indices.ToInt64s();
        for (int i = 0; i < positions.Length; i++) positions[i] += Index(values[i], extent) * strides[axis];
        return positions;
    }

    public static Tensor Evaluate(GatherND op, ReferenceContext context)
    {
        Tensor data = context[0], indices = context[1];
        if (op.BatchDims < 0 || indices.Rank <= op.BatchDims || data.Rank <= op.BatchDims) throw ReferenceContext.Fail($"data {data} and indices {indices} must have more than {op.BatchDims} dimensions");
        int batch = (int)op.BatchDims, tuple = indices.Dims[^1];
        if (batch + tuple > data.Rank) throw ReferenceContext.Fail($"index tuples of {tuple} entries do not fit data {data} with {batch} batch dimensions");
        if (!data.Dims.AsSpan()[..batch].SequenceEqual(indices.Dims.AsSpan()[..batch])) throw ReferenceContext.Fail($"data {data} and indices {indices} must share {batch} dimensions");
        int batches = Tensor.CountOf(data.Dims.AsSpan()[..batch]);
        var starts = TuplePositions(data.Dims.AsSpan(), batch, indices);
        int perBatch = batches == 0 ? 0 : starts.Length / batches, batchSize = Tensor.CountOf(data.Dims.AsSpan()[batch..]);
        for (int i = 0; i < starts.Length; i++) starts[i] += i / perBatch * batchSize;
        int[] dims = Slabs.Checked(data.ElementType, [.. indices.Dims[..^1], .. data.Dims[(batch + tuple)..]]);
        return Slabs.Gather(data, dims, Runs(starts, Tensor.CountOf(data.Dims.AsSpan()[(batch + tuple)..]), Tensor.CountOf(dims)));
    }

    /// <summary>For each index tuple (the last dimension of indices), where the sub-tensor that it means starts, batch dimensions left out.</summary>
    internal static int[] TuplePositions(ReadOnlySpan<int> dims, int batch, Tensor indices)
    {
        int tuple = indices.Dims[^1];
        var strides = IndexMap.Strides(dims);
        var values = indices.ToInt64s();
        var starts = new int[Tensor.CountOf(indices.Dims.AsSpan()[..^1])];
        for (int i = 0; i < starts.Length; i++)
        {
            for (int k = 0; k < tuple; k++) starts[i] += Index(values[i * tuple + k], dims[batch + k]) * strides[batch + k];
        }
        return starts;
    }

    /// <summary>Positions of runs of equal length one after another.</summary>
    internal static int[] Runs(int[] starts, int length, int count)
    {
        var positions = new int[count];
        for (int i = 0; i < count; i++) positions[i] = starts[i / length] + i % length;
        return positions;
    }

    private static int Index(long index, int extent) => index >= -extent && index < extent
        ? (int)(index < 0 ? index + extent : index)
        : throw ReferenceContext.Fail($"index {index} lies outside [{-extent}, {extent - 1}]");
}

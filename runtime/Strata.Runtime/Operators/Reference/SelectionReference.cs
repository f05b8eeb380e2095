using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates the operators that choose or rearrange elements one by one.</summary>
internal static class SelectionReference
{
    public static Tensor Evaluate(DepthToSpace op, ReferenceContext context)
    {
        var data = context[0];
        if (data.Rank != 4 || data.Dims[1] % (op.BlockSize * op.BlockSize) != 0) throw ReferenceContext.Fail($"the channels of {data} do not divide into blocks of {op.BlockSize}²");
        var (e, steps) = op.Walk(data.Dims.AsSpan());
        return Slabs.Gather(data, [e[0], e[1], e[2] * e[3], e[4] * e[5]], IndexMap.Strided(e, steps));
    }

    public static Tensor Evaluate(SpaceToDepth op, ReferenceContext context)
    {
        var data = context[0];
        if (data.Rank != 4 || data.Dims[2] % op.BlockSize != 0 || data.Dims[3] % op.BlockSize != 0) throw ReferenceContext.Fail($"{data} does not divide into blocks of {op.BlockSize}²");
        var (e, steps) = op.Walk(data.Dims.AsSpan());
        return Slabs.Gather(data, [e[0], e[1] * e[2] * e[3], e[4], e[5]], IndexMap.Strided(e, steps));
    }

    public static Tensor Evaluate(Trilu op, ReferenceContext context)
    {
        var data = context[0];
        if (data.Rank < 2) throw ReferenceContext.Fail($"the operand must have rank 2 or more, is {data}");
        long diagonal = context.Has(1) ? context.One(1).ToInt64s()[0] : 0;
        int rows = data.Dims[^2], columns = data.Dims[^1];
        var positions = new int[data.Count];
        for (int i = 0; i < positions.Length; i++)
        {
            Int128 offset = (Int128)(i % columns) - i / columns % rows - diagonal;
            positions[i] = offset == 0 || offset > 0 == op.Upper ? i : -1;
        }
        return Slabs.Gather(data, data.Dims.AsSpan(), positions);
    }

    public static Tensor Evaluate(ReverseSequence op, ReferenceContext context)
    {
        var data = context[0];
        var lengths = context[1].ToInt64s();
        if (data.Rank < 2) throw ReferenceContext.Fail($"the operand must have rank 2 or more, is {data}");
        int batchAxis = (int)op.BatchAxis, timeAxis = (int)op.TimeAxis;
        int time = data.Dims[timeAxis];
        if (lengths.Length != data.Dims[batchAxis]) throw ReferenceContext.Fail($"{lengths.Length} lengths are given for {data.Dims[batchAxis]} sequences");
        if (lengths.Any(l => l < 0 || l > time)) throw ReferenceContext.Fail($"a length lies outside [0, {time}]");
        var strides = IndexMap.Strides(data.Dims.AsSpan());
        var positions = new int[data.Count];
        for (int i = 0; i < positions.Length; i++)
        {
            int b = i / strides[batchAxis] % data.Dims[batchAxis], t = i / strides[timeAxis] % time;
            positions[i] = t < lengths[b] ? i + ((int)lengths[b] - 1 - 2 * t) * strides[timeAxis] : i;
        }
        return Slabs.Gather(data, data.Dims.AsSpan(), positions);
    }

    public static Tensor Evaluate(Compress op, ReferenceContext context)
    {
        var data = op.Axis is null ? context[0].Reshape(context[0].Count) : context[0];
        int axis = op.Axis is { } given ? MovementReference.Axis(given, data.Rank) : 0;
        var condition = context[1].ToInt64s();
        int[] chosen = [.. Enumerable.Range(0, condition.Length).Where(i => condition[i] != 0)];
        if (chosen.Length > 0 && chosen[^1] >= data.Dims[axis]) throw ReferenceContext.Fail($"the condition chooses index {chosen[^1]} of {data.Dims[axis]}");
        var picks = IndexMap.All(data.Dims.AsSpan());
        picks[axis] = chosen;
        return Slabs.Gather(data, data.Dims.SetItem(axis, chosen.Length).AsSpan(), IndexMap.Picked(data.Dims.AsSpan(), picks));
    }

    public static Tensor Evaluate(NonZero _, ReferenceContext context)
    {
        var data = context[0];
        Func<int, bool> nonZero;
        if (data.ElementType == ElementType.String) nonZero = i => data.Strings[i].Length > 0;
        else
        {
            var values = data.ToComplex();
            nonZero = i => values[i] != 0;
        }
        int[] found = [.. Enumerable.Range(0, data.Count).Where(nonZero)];
        var strides = IndexMap.Strides(data.Dims.AsSpan());
        var result = new long[data.Rank * found.Length];
        for (int d = 0; d < data.Rank; d++)
        {
            for (int i = 0; i < found.Length; i++) result[d * found.Length + i] = found[i] / strides[d] % data.Dims[d];
        }
        return Tensor.From<long>([data.Rank, found.Length], result);
    }

    public static IReadOnlyList<RuntimeValue?> Evaluate(Unique op, ReferenceContext context)
    {
        var data = op.Axis is null ? context[0].Reshape(context[0].Count) : context[0];
        int axis = op.Axis is { } given ? MovementReference.Axis(given, data.Rank) : 0, extent = data.Dims[axis];
        int inner = Tensor.CountOf(data.Dims.AsSpan()[(axis + 1)..]), outer = Tensor.CountOf(data.Dims.AsSpan()[..axis]);
        var elements = ElementOrder.Of(data);

        int[] order = [.. Enumerable.Range(0, extent)];
        Array.Sort(order, (a, b) => Compare(a, b) is not 0 and var c ? c : a.CompareTo(b));
        var groups = new List<List<int>>(); // equal slices together, each group by first occurrence
        foreach (int slice in order)
        {
            if (groups.Count > 0 && Compare(groups[^1][0], slice) == 0) groups[^1].Add(slice);
            else groups.Add([slice]);
        }
        if (!op.Sorted) groups.Sort(static (a, b) => a[0].CompareTo(b[0]));

        var inverse = new long[extent];
        for (int g = 0; g < groups.Count; g++)
        {
            foreach (int slice in groups[g]) inverse[slice] = g;
        }
        var picks = IndexMap.All(data.Dims.AsSpan());
        picks[axis] = [.. groups.Select(g => g[0])];
        return
        [
            Slabs.Gather(data, data.Dims.SetItem(axis, groups.Count).AsSpan(), IndexMap.Picked(data.Dims.AsSpan(), picks)),
            Tensor.Vector<long>([.. groups.Select(g => (long)g[0])]),
            Tensor.Vector<long>(inverse),
            Tensor.Vector<long>([.. groups.Select(g => (long)g.Count)]),
        ];

        int Compare(int a, int b)
        {
            for (int o = 0; o < outer; o++)
            {
                for (int i = 0; i < inner; i++)
                {
                    int c = elements((o * extent + a) * inner + i, (o * extent + b) * inner + i);
                    if (c != 0) return c;
                }
            }
            return 0;
        }
    }

    public static Tensor Evaluate(TensorScatter op, ReferenceContext context)
    {
        Tensor cache = context[0], update = context[1];
        int axis = MovementReference.Axis(op.Axis, cache.Rank), max = cache.Dims[axis];
        if (axis == 0 || update.Rank != cache.Rank || Enumerable.Range(0, cache.Rank).Any(d => d == axis ? update.Dims[d] > max : update.Dims[d] != cache.Dims[d]))
            throw ReferenceContext.Fail($"the update {update} does not fit the cache {cache} along axis {axis}");
        long[] starts = context.Tensor(2)?.ToInt64s() ?? new long[cache.Dims[0]];
        if (starts.Length != cache.Dims[0]) throw ReferenceContext.Fail($"{starts.Length} write indices are given for a batch of {cache.Dims[0]}");
        int length = update.Dims[axis], inner = Tensor.CountOf(cache.Dims.AsSpan()[(axis + 1)..]), outer = Tensor.CountOf(cache.Dims.AsSpan()[..axis]);
        int[] positions = [.. Enumerable.Range(0, cache.Count)];
        for (int o = 0; o < outer; o++)
        {
            long start = starts[o / (outer / starts.Length)];
            if (start < 0 || !op.Circular && start > max - length) throw ReferenceContext.Fail($"{length} elements do not fit the cache of {max} from index {start} on");
            for (int t = 0; t < length; t++)
            {
                int at = (int)((start + t) % max);
                for (int i = 0; i < inner; i++) positions[(o * max + at) * inner + i] = cache.Count + (o * length + t) * inner + i;
            }
        }
        return Slabs.Gather(Slabs.Chain(cache, update), cache.Dims.AsSpan(), positions);
    }
}

using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="ScatterElements"/> and <see cref="ScatterND"/>; updates apply in the order of the indices.</summary>
internal static class ScatterReference
{
    public static Tensor Evaluate(ScatterElements op, ReferenceContext context)
    {
        if (!context[1].Dims.SequenceEqual(context[2].Dims)) throw ReferenceContext.Fail($"indices {context[1]} and updates {context[2]} differ in shape");
        return Apply(context[0], context[2], GatherReference.ElementPositions(context[0], context[1], op.Axis), op.Reduction);
    }

    public static Tensor Evaluate(ScatterND op, ReferenceContext context)
    {
        Tensor data = context[0], indices = context[1], updates = context[2];
        if (indices.Rank == 0 || indices.Dims[^1] > data.Rank) throw ReferenceContext.Fail($"indices {indices} do not fit data {data}");
        int tuple = indices.Dims[^1];
        int[] expected = [.. indices.Dims[..^1], .. data.Dims[tuple..]];
        if (!updates.Dims.AsSpan().SequenceEqual(expected)) throw ReferenceContext.Fail($"updates {updates} must be [{Tensor.Format(expected)}]");
        var starts = GatherReference.TuplePositions(data.Dims.AsSpan(), 0, indices);
        return Apply(data, updates, GatherReference.Runs(starts, Tensor.CountOf(data.Dims.AsSpan()[tuple..]), updates.Count), op.Reduction);
    }

    private static Tensor Apply(Tensor data, Tensor updates, int[] targets, ScatterReduction reduction)
    {
        if (reduction == ScatterReduction.None)
        {
            int[] positions = [.. Enumerable.Range(0, data.Count)];
            for (int i = 0; i < targets.Length; i++) positions[targets[i]] = data.Count + i;
            return Slabs.Gather(Slabs.Chain(data, updates), data.Dims.AsSpan(), positions);
        }
        if (data.ElementType.IsFloat())
        {
            double[] values = data.ToDoubles(), given = updates.ToDoubles();
            for (int i = 0; i < targets.Length; i++) values[targets[i]] = Combine(reduction, values[targets[i]], given[i]);
            return Tensor.FromDoubles(data.ElementType, data.Dims.AsSpan(), values);
        }
        else
        {
            long[] values = data.ToInt64s(), given = updates.ToInt64s();
            bool unsigned = data.ElementType == ElementType.UInt64;
            for (int i = 0; i < targets.Length; i++) values[targets[i]] = Combine(reduction, values[targets[i]], given[i], unsigned);
            return Tensor.FromInt64s(data.ElementType, data.Dims.AsSpan(), values);
        }
    }

    private static double Combine(ScatterReduction reduction, double a, double b) => reduction switch
    {
        ScatterReduction.Add => a + b,
        ScatterReduction.Mul => a * b,
        ScatterReduction.Max => Math.Max(a, b),
        _ => Math.Min(a, b),
    };

    private static long Combine(ScatterReduction reduction, long a, long b, bool unsigned) => reduction switch
    {
        ScatterReduction.Add => unchecked(a + b),
        ScatterReduction.Mul => unchecked(a * b),
        _ => (unsigned ? (ulong)a >= (ulong)b : a >= b) == (reduction == ScatterReduction.Max) ? a : b,
    };
}

using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="ArgMax"/>, <see cref="ArgMin"/>, <see cref="TopK"/> and the <see cref="Cumulation"/>s.</summary>
internal static class RankingReference
{
    public static Tensor Evaluate(ArgExtreme op, ReferenceContext context, bool largest)
    {
        var data = context[0];
        int axis = MovementReference.Axis(op.Axis, data.Rank), extent = data.Dims[axis];
        var (outer, inner) = Around(data, axis);
        if (extent == 0 && outer * inner > 0) throw ReferenceContext.Fail($"axis {axis} of {data} is empty");
        var compare = ElementOrder.Of(data);
        var result = new long[outer * inner];
        for (int o = 0; o < outer; o++)
        {
            for (int i = 0; i < inner; i++)
            {
                int best = 0;
                for (int k = 1; k < extent; k++)
                {
                    int order = compare((o * extent + k) * inner + i, (o * extent + best) * inner + i) * (largest ? 1 : -1);
                    if (order > 0 || order == 0 && op.SelectLastIndex) best = k;
                }
                result[o * inner + i] = best;
            }
        }
        int[] dims = op.KeepDims ? [.. data.Dims.SetItem(axis, 1)] : [.. data.Dims.RemoveAt(axis)];
        return Tensor.From<long>(dims, result);
    }

    public static IReadOnlyList<RuntimeValue?> Evaluate(TopK op, ReferenceContext context)
    {
        var data = context[0];
        int axis = MovementReference.Axis(op.Axis, data.Rank), extent = data.Dims[axis];
        long k = context[1].Count == 1 ? context.One(1).ToInt64s()[0] : throw ReferenceContext.Fail($"k must have one element, is {context[1]}");
        if (k < 0 || k > extent) throw ReferenceContext.Fail($"k is {k}; axis {axis} of {data} allows 0 to {extent}");
        var (outer, inner) = Around(data, axis);
        var compare = ElementOrder.Of(data);
        var positions = new int[outer * inner * (int)k];
        var indices = new long[positions.Length];
        var order = new int[extent];
        for (int o = 0; o < outer; o++)
        {
            for (int i = 0; i < inner; i++)
            {
                int At(int index) => (o * extent + index) * inner + i;
                for (int j = 0; j < extent; j++) order[j] = j;
                Array.Sort(order, (a, b) => compare(At(a), At(b)) is not 0 and var c ? op.Largest ? -c : c : a.CompareTo(b));
                for (int j = 0; j < k; j++)
                {
                    int target = (o * (int)k + j) * inner + i;
                    (positions[target], indices[target]) = (At(order[j]), order[j]);
                }
            }
        }
        int[] dims = [.. data.Dims.SetItem(axis, (int)k)];
        return [Slabs.Gather(data, dims, positions), Tensor.From<long>(dims, indices)];
    }

    public static Tensor Evaluate(Cumulation op, ReferenceContext context, double start, Func<double, double, double> onFloats, Func<long, long, long> onIntegers)
    {
        var data = context[0];
        if (context[1].Count != 1) throw ReferenceContext.Fail($"the axis must be one number, is {context[1]}");
        int axis = MovementReference.Axis(context.One(1).ToInt64s()[0], data.Rank);
        return data.ElementType.IsFloat()
            ? Tensor.FromDoubles(data.ElementType, data.Dims.AsSpan(), Accumulate(op, data, axis, data.ToDoubles(), start, onFloats))
            : Tensor.FromInt64s(data.ElementType, data.Dims.AsSpan(), Accumulate(op, data, axis, data.ToInt64s(), (long)start, onIntegers));
    }

    private static T[] Accumulate<T>(Cumulation op, Tensor data, int axis, T[] values, T start, Func<T, T, T> step)
    {
        int extent = data.Dims[axis];
        var (outer, inner) = Around(data, axis);
        var result = new T[values.Length];
        for (int o = 0; o < outer; o++)
        {
            for (int i = 0; i < inner; i++)
            {
                T total = start;
                for (int j = 0; j < extent; j++)
                {
                    int at = (o * extent + (op.Reverse ? extent - 1 - j : j)) * inner + i;
                    T next = step(total, values[at]);
                    result[at] = op.Exclusive ? total : next;
                    total = next;
                }
            }
        }
        return result;
    }

    private static (int Outer, int Inner) Around(Tensor data, int axis) => (Tensor.CountOf(data.Dims.AsSpan()[..axis]), Tensor.CountOf(data.Dims.AsSpan()[(axis + 1)..]));
}

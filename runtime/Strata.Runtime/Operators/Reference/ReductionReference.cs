using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>
/// How a reduction runs on floats, in binary64: start, step, and the last touch given the number of elements. The integer
/// form wraps in 64 bits; where it is absent, integers go through binary64 and truncate.
/// </summary>
internal sealed record ReductionRecipe(double Start, Func<double, double, double> Step, Func<double, long, double>? Finish = null, IntegerReduction? Integers = null);

/// <summary>The 64-bit integer form of a reduction.</summary>
internal sealed record IntegerReduction(long Start, Func<long, long, long> Step, Func<long, long, long>? Finish = null);

/// <summary>Evaluates the <see cref="Reduction"/>s.</summary>
internal static class ReductionReference
{
    public static readonly ReductionRecipe
        Sum = new(0, static (a, x) => a + x, Integers: new(0, static (a, x) => unchecked(a + x))),
        Prod = new(1, static (a, x) => a * x, Integers: new(1, static (a, x) => unchecked(a * x))),
        Mean = new(0, static (a, x) => a + x, static (a, n) => a / n, new(0, static (a, x) => unchecked(a + x), static (a, n) => n == 0 ? 0 : a / n)),
        L1 = new(0, static (a, x) => a + Math.Abs(x), Integers: new(0, static (a, x) => unchecked(a + (x < 0 ? -x : x)))),
        L2 = new(0, static (a, x) => a + x * x, static (a, _) => Math.Sqrt(a)),
        LogSum = new(0, static (a, x) => a + x, static (a, _) => Math.Log(a)),
        SumSquare = new(0, static (a, x) => a + x * x, Integers: new(0, static (a, x) => unchecked(a + x * x))),
        Max = new(double.NegativeInfinity, Math.Max, Integers: new(long.MinValue, Math.Max)),
        Min = new(double.PositiveInfinity, Math.Min, Integers: new(long.MaxValue, Math.Min));

    public static Tensor Evaluate(Reduction op, ReferenceContext context, ReductionRecipe recipe)
    {
        var data = context[0];
        var (dims, targets, count) = Targets(op, data, context.Tensor(1));
        if (data.ElementType.IsFloat() || recipe.Integers is not { } integers)
        {
            var totals = Accumulate(data.ToDoubles(), targets, count, recipe.Start, recipe.Step);
            if (recipe.Finish is { } finish) totals = Array.ConvertAll(totals, t => finish(t, data.Count / count));
            return Tensor.FromDoubles(data.ElementType, dims, totals);
        }
        // Flipping the sign bit makes unsigned order signed; only u64 needs it, and only for extremes.
        bool flip = data.ElementType == ElementType.UInt64 && (recipe == Max || recipe == Min);
        long[] elements = data.ToInt64s();
        if (flip) elements = Array.ConvertAll(elements, static x => x ^ long.MinValue);
        var sums = Accumulate(elements, targets, count, integers.Start, integers.Step);
        if (integers.Finish is { } last) sums = Array.ConvertAll(sums, s => last(s, data.Count / count));
        if (flip) sums = Array.ConvertAll(sums, static x => x ^ long.MinValue);
        if (data.Count == 0 && (recipe == Max || recipe == Min)) return Tensor.FromInt64s(data.ElementType, dims, [.. Enumerable.Repeat(Extreme(data.ElementType, largest: recipe == Min), count)]);
        return Tensor.FromInt64s(data.ElementType, dims, sums);
    }

    /// <summary>ln Σ eˣ, with the largest element taken out so that no power overflows.</summary>
    public static Tensor LogSumExp(Reduction op, ReferenceContext context)
    {
        var data = context[0];
        var (dims, targets, count) = Targets(op, data, context.Tensor(1));
        var values = data.ToDoubles();
        var largest = Accumulate(values, targets, count, Max.Start, Max.Step);
        for (int i = 0; i < values.Length; i++) values[i] = double.IsInfinity(largest[targets[i]]) ? Math.Exp(values[i]) : Math.Exp(values[i] - largest[targets[i]]);
        var totals = Accumulate(values, targets, count, Sum.Start, Sum.Step);
        for (int i = 0; i < count; i++) totals[i] = Math.Log(totals[i]) + (double.IsInfinity(largest[i]) ? 0 : largest[i]);
        return Tensor.FromDoubles(data.ElementType, dims, totals);
    }

    // The result's dimensions, and for each element of data the result that it counts towards.
    private static (int[] Dims, int[] Targets, int Count) Targets(Reduction op, Tensor data, Tensor? given)
    {
        int[] axes = given is not { Count: > 0 }
            ? op.NoopWithEmptyAxes ? [] : [.. Enumerable.Range(0, data.Rank)]
            : AxisList.Resolve(given.ToInt64s(), data.Rank);
        int[] kept = [.. data.Dims.Select((dim, d) => axes.Contains(d) ? 1 : dim)], strides = IndexMap.Strides(kept);
        foreach (int axis in axes) strides[axis] = 0;
        int[] dims = op.KeepDims ? kept : [.. data.Dims.Where((_, d) => !axes.Contains(d))];
        return (dims, IndexMap.Strided(data.Dims.AsSpan(), strides), Tensor.CountOf(dims));
    }

    private static T[] Accumulate<T>(T[] values, int[] targets, int count, T start, Func<T, T, T> step)
    {
        var totals = new T[count];
        Array.Fill(totals, start);
        for (int i = 0; i < values.Length; i++) totals[targets[i]] = step(totals[targets[i]], values[i]);
        return totals;
    }

    // The largest or least value of an integer type or bool.
    private static long Extreme(ElementType type, bool largest)
    {
        int bits = type == ElementType.Bool ? 1 : type.Bits();
        return type.Kind() == ElementKind.Signed
            ? largest ? long.MaxValue >> (64 - bits) : long.MinValue >> (64 - bits)
            : largest ? unchecked((long)(ulong.MaxValue >> (64 - bits))) : 0;
    }
}

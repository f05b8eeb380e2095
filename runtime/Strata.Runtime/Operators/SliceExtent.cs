using Strata.Networks;

namespace Strata.Operators;

/// <summary>How many elements a slice [start, end) by a step takes from one dimension, in numbers and in symbols.</summary>
internal static class SliceExtent
{
    /// <summary>The first index, the step and the number of elements.</summary>
    public static (long First, long Step, int Count) Resolve(int extent, long start, long end, long step)
    {
        if (step == 0) throw new InvalidInputException("a step is 0");
        // Whatever exceeds the extent is clamped; bounding first keeps the sums below in range.
        const long Far = 1L << 40;
        (start, end, step) = (Math.Clamp(start, -Far, Far), Math.Clamp(end, -Far, Far), Math.Clamp(step, -Far, Far));
        if (start < 0) start += extent;
        if (end < 0) end += extent;
        (start, end) = step > 0
            ? (Math.Clamp(start, 0, extent), Math.Clamp(end, 0, extent))
            : (Math.Clamp(start, Math.Min(0, extent - 1), extent - 1), Math.Clamp(end, -1, extent - 1)); // a start before the first is the first, unlike NumPy
        long count = step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step;
        return (start, step, (int)Math.Max(count, 0));
    }

    /// <summary>The number of elements as a dimension. No dimension of the tensor is longer than <paramref name="far"/>: bounds from there on mean its end.</summary>
    public static Dim Of(InferenceContext context, Dim extent, Dim start, Dim end, long step, long far)
    {
        step = Math.Clamp(step, -int.MaxValue, int.MaxValue); // no dimension is longer
        if (extent.Constant is { } n and <= int.MaxValue && start.Constant is { } s && end.Constant is { } e) return Resolve((int)n, s, e, step).Count;
        if (step < 0) return Backwards(context, extent, start, end, step, far);
        var first = Clamp(context, extent, start, far);
        var last = Clamp(context, extent, end, far);
        if (first is null || last is null) return context.Fresh();
        // To the very end: max(0, extent − start) reads better than extent − min(start, extent), and both ends then agree.
        var span = last.Equals(extent) && start.IsNonNegative ? extent - start : last - first;
        if (last.Equals(extent) && start.Constant is < 0 and var back && back > -far) span = Dim.Min(extent, -back);
        return Dim.CeilDiv(Dim.Max(0, span), step);
    }

    private static Dim Backwards(InferenceContext context, Dim extent, Dim start, Dim end, long step, long far)
    {
        // The only backward slice that occurs with symbolic extents: all of the dimension.
        bool all = (start.Is(-1) || start.Constant >= far) && end.Constant <= -far - 1;
        return all ? Dim.CeilDiv(extent, -step) : context.Fresh();
    }

    // A bound of a forward slice, clamped to [0, extent]; null when even its sign is known only at run time.
    private static Dim? Clamp(InferenceContext context, Dim extent, Dim bound, long far)
    {
        if (bound.Constant is { } constant)
        {
            if (constant >= far) return extent;
            if (constant <= -far) return Dim.Zero;
            return constant >= 0 ? Dim.Min(constant, extent) : Dim.Max(0, extent + constant);
        }
        bool checkable = !bound.Symbols.Any(s => s.StartsWith('?'));
        if (!bound.IsNonNegative)
        {
            if (!checkable || (Dim.Zero - bound).IsNonNegative) return null;
            context.Same(bound, Dim.Max(0, bound), "a computed slice bound must not be negative");
        }
        // A table of fixed extent that is cut to a symbolic length must be long enough.
        if (extent.Constant is not null && checkable)
        {
            context.Same(bound, Dim.Min(bound, extent), $"a slice of {extent} elements must hold the computed bound");
            return bound;
        }
        return Dim.Min(bound, extent);
    }
}

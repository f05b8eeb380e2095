using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Every step-th element from start to end along axes. Operands: data, starts, ends, axes (all in order when omitted),
/// steps (1 when omitted), the latter four i32 or i64, rank 1. Bounds beyond the extent are clamped, negative ones count
/// from the end.
/// </summary>
public sealed record Slice : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 5);
        for (int i = 1; i < context.InputCount; i++)
        {
            if (context.Has(i)) context.Allow(i, "i32 or i64", static t => t is ElementType.Int32 or ElementType.Int64);
        }
        var data = context.Input(0);
        context.Output(0, data.ElementType, data.Shape is { } shape ? OutputShape(context, shape, Longest(data.ElementType)) : null);
        if (IndexMap.TryElements(context, 0, out var elements, out var dims) && context.ConstantInts(1) is { } starts && context.ConstantInts(2) is { } ends
            && (!context.Has(3) || context.ConstantInts(3) is not null) && (!context.Has(4) || context.ConstantInts(4) is not null))
        {
            var (positions, _) = Positions(dims, starts, ends, context.ConstantInts(3), context.ConstantInts(4));
            context.OutputContents(0, IndexMap.Move(elements, positions));
        }
    }

    // The most elements that one dimension can have.
    private static long Longest(ElementType type) => type == ElementType.String ? int.MaxValue : Math.Min(Limits.TensorBytes * 8 / type.Bits(), int.MaxValue);

    private static Shape OutputShape(InferenceContext context, Shape shape, long longest)
    {
        var (starts, ends, given, steps) = (context.Contents(1), context.Contents(2), context.ConstantInts(3), context.ConstantInts(4));
        int? count = given?.Length ?? starts?.Length ?? ends?.Length ?? (int?)context.Input(1).Shape?.Constant?.FirstOrDefault();
        if (count is null || context.Has(3) && given is null) return context.FreshShape(shape.Rank);
        foreach (int? length in new[] { starts?.Length, ends?.Length, context.Has(4) ? steps?.Length : null })
        {
            if (length is not null && length != count) throw context.Fail($"starts, ends, axes and steps differ in length: {length} against {count}");
        }
        var axes = AxisList.Normalize(given ?? [.. Enumerable.Range(0, count.Value).Select(i => (long)i)], shape.Rank);
        for (int i = 0; i < axes.Length; i++)
        {
            if (steps?[i] == 0) throw context.Fail("a step is 0");
            bool known = starts is not null && ends is not null && (!context.Has(4) || steps is not null);
            shape = shape.With(axes[i], known ? SliceExtent.Of(context, shape[axes[i]], starts!.Value[i], ends!.Value[i], steps?[i] ?? 1, longest) : context.Fresh());
        }
        return shape;
    }

    /// <summary>The positions and dimensions of a slice of concrete dimensions.</summary>
    internal static (int[] Positions, int[] Dims) Positions(ReadOnlySpan<int> dims, long[] starts, long[] ends, long[]? axes, long[]? steps)
    {
        if (ends.Length != starts.Length || axes is not null && axes.Length != starts.Length || steps is not null && steps.Length != starts.Length)
            throw new InvalidInputException($"starts, ends, axes and steps differ in length: {starts.Length}, {ends.Length}, {axes?.Length}, {steps?.Length}");
        var picks = IndexMap.All(dims);
        var chosen = AxisList.Resolve(axes ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)], dims.Length);
        for (int i = 0; i < chosen.Length; i++)
        {
            var (first, step, count) = SliceExtent.Resolve(dims[chosen[i]], starts[i], ends[i], steps?[i] ?? 1);
            picks[chosen[i]] = [.. Enumerable.Range(0, count).Select(k => (int)(first + k * step))];
        }
        return (IndexMap.Picked(dims, picks), [.. picks.Select(p => p.Length)]);
    }
}

using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Broadcasts data to the shape in the second operand (i64, rank 1), both ways: a 1 in it leaves data's dimension.</summary>
public sealed record Expand : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(1, "i64", static t => t == ElementType.Int64);
        var data = context.Input(0);
        Shape? target = context.Contents(1) is { } dims ? Shape.Create(dims.AsSpan()) : null;
        if (target?.FirstOrDefault(d => d.Constant < 0) is { } negative) throw context.Fail($"the target shape holds {negative}; allowed are 0 and up");
        var shape = context.Broadcast(data.Shape, target);
        if (shape is null && data.Rank is { } rank && context.Input(1).Shape is { Rank: 1 } length && length[0].Constant is { } count and <= Limits.Rank)
            shape = context.FreshShape(Math.Max(rank, (int)count));
        context.Output(0, data.ElementType, shape);
        if (shape?.Constant is { } constant && IndexMap.TryElements(context, 0, out var elements, out var from) && shape.Count.Constant <= Limits.InlineElements)
            context.OutputContents(0, IndexMap.Move(elements, Positions(from, constant)));
    }

    /// <summary>For each element of a broadcast result, the position it shows.</summary>
    internal static int[] Positions(ReadOnlySpan<int> from, ReadOnlySpan<int> to)
    {
        var strides = IndexMap.Strides(from);
        var steps = new int[to.Length];
        for (int d = 0; d < from.Length; d++) steps[to.Length - from.Length + d] = from[d] == 1 ? 0 : strides[d];
        return IndexMap.Strided(to, steps);
    }
}

/// <summary>Repeats data along each axis as often as the second operand (i64, one number per axis) says.</summary>
public sealed record Tile : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(1, "i64", static t => t == ElementType.Int64);
        var data = context.Input(0);
        var repeats = context.Contents(1);
        int? rank = data.Rank ?? repeats?.Length;
        if (repeats is { } given && data.Rank is { } known && given.Length != known) throw context.Fail($"{given.Length} repeats are given for rank {known}");
        if (repeats?.FirstOrDefault(r => r.Constant < 0) is { } negative) throw context.Fail($"a repeat is {negative}; allowed are 0 and up");
        Shape? shape = data.Shape is not null && repeats is not null
            ? Shape.Create([.. data.Shape.Zip(repeats.Value, static (d, r) => d * r)])
            : rank is null ? null : context.FreshShape(rank.Value);
        context.Output(0, data.ElementType, shape);
        if (shape?.Constant is { } constant && IndexMap.TryElements(context, 0, out var elements, out var dims) && shape.Count.Constant <= Limits.InlineElements)
            context.OutputContents(0, IndexMap.Move(elements, Positions(dims, constant)));
    }

    internal static int[] Positions(ReadOnlySpan<int> from, ReadOnlySpan<int> to)
    {
        var picks = IndexMap.All(to);
        for (int d = 0; d < picks.Length; d++)
        {
            int extent = from[d];
            picks[d] = [.. picks[d].Select(i => i % extent)];
        }
        return IndexMap.Picked(from, picks);
    }
}

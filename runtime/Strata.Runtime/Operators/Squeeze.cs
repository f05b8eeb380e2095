using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Removes dimensions of extent 1: those that the second operand (i64, rank 1) names, or all of them.</summary>
public sealed record Squeeze : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 2);
        if (context.Has(1)) context.Allow(1, "i64", static t => t == ElementType.Int64);
        var data = context.Input(0);
        context.Output(0, data.ElementType, data.Shape is { } shape ? OutputShape(context, shape) : null);
        context.OutputContents(0, context.Elements(0));
    }

    private static Shape? OutputShape(InferenceContext context, Shape shape)
    {
        if (!context.Has(1))
        {
            // Which symbolic dimensions are 1, only the run tells.
            return shape.All(d => d.Constant is not null) ? Shape.Create([.. shape.Where(d => !d.Is(1))]) : null;
        }
        if (context.ConstantInts(1) is not { } given)
            return context.Input(1).Shape is { Rank: 1 } length && length[0].Constant is { } count && count <= shape.Rank ? context.FreshShape(shape.Rank - (int)count) : null;
        var axes = AxisList.Normalize(given, shape.Rank);
        foreach (int axis in axes) context.Same(shape[axis], Dim.One, $"axis {axis} can be squeezed only when its extent is 1");
        return Shape.Create([.. shape.Where((_, d) => !axes.Contains(d))]);
    }
}

/// <summary>Inserts dimensions of extent 1 at the places, counted in the result, that the second operand (i64, rank 1) names.</summary>
public sealed record Unsqueeze : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(1, "i64", static t => t == ElementType.Int64);
        var data = context.Input(0);
        context.Output(0, data.ElementType, data.Shape is { } shape ? OutputShape(context, shape) : null);
        context.OutputContents(0, context.Elements(0));
    }

    private static Shape? OutputShape(InferenceContext context, Shape shape)
    {
        if (context.ConstantInts(1) is not { } given)
            return context.Input(1).Shape is { Rank: 1 } length && length[0].Constant is { } count ? context.FreshShape(shape.Rank + (int)Math.Min(count, Limits.Rank + 1)) : null;
        var axes = AxisList.Normalize(given, shape.Rank + given.Length);
        var dims = new Dim[shape.Rank + axes.Length];
        for (int d = 0, from = 0; d < dims.Length; d++) dims[d] = axes.Contains(d) ? Dim.One : shape[from++];
        return Shape.Create(dims);
    }
}

/// <summary>Joins the dimensions before an axis, and those from it on, to a matrix.</summary>
public sealed record Flatten : Operator
{
    /// <summary>The first dimension of the second group, in [−rank, rank].</summary>
    public long Axis { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Axis = walker.Int("axis", Axis) };

    /// <summary>The number of dimensions in the first group.</summary>
    internal int Split(int rank) => (int)(Axis < 0 ? Axis + rank : Axis);

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        var data = context.Input(0);
        if (data.Shape is not { } shape)
        {
            context.Output(0, data.ElementType, context.FreshShape(2));
            return;
        }
        if (Axis < -shape.Rank || Axis > shape.Rank) throw context.Fail($"axis {Axis} lies outside [{-shape.Rank}, {shape.Rank}]");
        int at = Split(shape.Rank);
        context.Output(0, data.ElementType, [Shape.Create(shape.Dims.AsSpan()[..at]).Count, Shape.Create(shape.Dims.AsSpan()[at..]).Count]);
        context.OutputContents(0, context.Elements(0));
    }
}

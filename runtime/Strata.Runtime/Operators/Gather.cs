using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Slices of data along an axis, chosen by indices (i32 or i64; negative ones count from the end): data
/// <c>[A…, n, B…]</c> and indices <c>[I…]</c> to <c>[A…, I…, B…]</c>.
/// </summary>
public sealed record Gather : Operator
{
    /// <summary>The axis, in [−rank, rank).</summary>
    public long Axis { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Axis = walker.Int("axis", Axis) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(1, "i32 or i64", static t => t is ElementType.Int32 or ElementType.Int64);
        TensorType data = context.Input(0), indices = context.Input(1);
        if (data.Shape is not { } shape)
        {
            context.Output(0, data.ElementType, null);
            return;
        }
        if (shape.Rank == 0) throw context.Fail("data must have a dimension to choose from");
        int axis = context.Axis(Axis, shape.Rank);
        context.Output(0, data.ElementType, indices.Shape is { } chosen ? Shape.Create([.. shape.Dims[..axis], .. chosen.Dims, .. shape.Dims[(axis + 1)..]]) : null);
        if (!IndexMap.TryElements(context, 1, out var picks, out _)) return;
        if (shape[axis].Constant is { } extent && picks.FirstOrDefault(p => p.Constant < -extent || p.Constant >= extent) is { } outside)
            throw context.Fail($"index {outside} lies outside [{-extent}, {extent - 1}]");
        if (IndexMap.TryElements(context, 0, out var elements, out var dims) && picks.All(p => p.Constant is not null))
            context.OutputContents(0, IndexMap.Move(elements, Positions(dims, axis, [.. picks.Select(p => p.Constant!.Value)])));
    }

    internal static int[] Positions(ReadOnlySpan<int> dims, int axis, long[] indices)
    {
        var picks = IndexMap.All(dims);
        int extent = dims[axis];
        picks[axis] = [.. indices.Select(i => i >= -extent && i < extent ? (int)(i < 0 ? i + extent : i) : throw new InvalidInputException($"index {i} lies outside [{-extent}, {extent - 1}]"))];
        return IndexMap.Picked(dims, picks);
    }
}

using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Element by element: output[i][j] = data[indices[i][j]][j] for axis 0. Data and indices have one rank; indices are i32 or i64, negative ones count from the end.</summary>
public sealed record GatherElements : Operator
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
        if (data.Rank is { } rank)
        {
            context.Axis(Axis, rank);
            if (indices.Rank is { } other && other != rank) throw context.Fail($"data has rank {rank}, indices have rank {other}");
        }
        context.Output(0, data.ElementType, indices.Shape ?? (data.Rank is { } known ? context.FreshShape(known) : null));
    }
}

/// <summary>
/// Sub-tensors of data chosen by index tuples: data <c>[B…, n1…nk, rest…]</c>, indices i64 <c>[B…, I…, k]</c> to
/// <c>[B…, I…, rest…]</c>, where B are <see cref="BatchDims"/> common dimensions.
/// </summary>
public sealed record GatherND : Operator
{
    /// <summary>Number of leading dimensions that data and indices share.</summary>
    public long BatchDims { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { BatchDims = walker.Int("batch_dims", BatchDims) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(1, "i64", static t => t == ElementType.Int64);
        TensorType data = context.Input(0), indices = context.Input(1);
        if (data.Shape is not { } d || indices.Shape is not { } i)
        {
            context.Output(0, data.ElementType, null);
            return;
        }
        if (d.Rank == 0 || i.Rank == 0) throw context.Fail($"data {d} and indices {i} need rank 1 or more");
        if (BatchDims < 0 || BatchDims >= Math.Min(d.Rank, i.Rank)) throw context.Fail($"batch_dims is {BatchDims}; allowed are 0 to {Math.Min(d.Rank, i.Rank) - 1}");
        for (int b = 0; b < BatchDims; b++) context.Same(d[b], i[b], $"data and indices share dimension {b}");
        if (i[i.Rank - 1].Constant is not { } tuple)
        {
            context.Output(0, data.ElementType, null);
            return;
        }
        if (tuple < 1 || BatchDims + tuple > d.Rank) throw context.Fail($"index tuples have {tuple} entries; data {d} with {BatchDims} batch dimensions allows 1 to {d.Rank - BatchDims}");
        context.Output(0, data.ElementType, Shape.Create([.. i.Dims[..^1], .. d.Dims[(int)(BatchDims + tuple)..]]));
    }
}

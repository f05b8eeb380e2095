using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// A cache <c>[batch, …, max, …]</c> with an update <c>[batch, …, length, …]</c> written along an axis, for each member of
/// the batch from the index on that the third operand (i64, <c>[batch]</c>; zeros when omitted) gives.
/// </summary>
public sealed record TensorScatter : Operator
{
    private static readonly ImmutableArray<string> ModeNames = ["linear", "circular"];

    /// <summary>The axis of the sequence, in [−rank, rank), not the first.</summary>
    public long Axis { get; init; } = -2;

    /// <summary>True continues at the beginning when the end of the cache is reached; false refuses that.</summary>
    public bool Circular { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Axis = walker.Int("axis", Axis),
        Circular = walker.Choice("mode", Circular ? 1 : 0, ModeNames) == 1,
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 3);
        TensorType cache = context.Input(0), update = context.Input(1);
        if (update.ElementType != cache.ElementType) throw context.Fail($"the update is {update.ElementType.Name()}, the cache is {cache.ElementType.Name()}");
        if (context.Has(2)) context.Allow(2, "i64", static t => t == ElementType.Int64);
        context.Output(0, cache.ElementType, cache.Shape);
        if (cache.Shape is not { } c) return;
        int axis = AxisList.Normalize([Axis], c.Rank)[0];
        if (axis == 0) throw context.Fail("the axis of the sequence cannot be 0, the axis of the batch");
        if (update.Shape is not { } u) return;
        if (u.Rank != c.Rank) throw context.Fail($"the update {u} must have the rank of the cache {c}");
        for (int d = 0; d < c.Rank; d++)
        {
            if (d != axis) context.Same(c[d], u[d], $"cache and update share dimension {d}");
            else if (u[d].Constant > c[d].Constant) throw context.Fail($"an update of {u[d]} elements exceeds the cache of {c[d]}");
        }
    }
}

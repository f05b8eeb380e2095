using System.Collections.Immutable;
using Strata.Networks;

namespace Strata.Operators;

/// <summary>Permutes dimensions: output dimension i is input dimension <c>perm[i]</c>.</summary>
public sealed record Transpose : Operator
{
    /// <summary>The permutation; empty reverses the dimensions.</summary>
    public ImmutableArray<long> Perm { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Perm = walker.Ints("perm", Perm) };

    /// <summary>The permutation for a rank.</summary>
    internal int[] PermFor(int rank) => Perm.IsEmpty ? [.. Enumerable.Range(0, rank).Reverse()] : [.. Perm.Select(p => (int)p)];

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        var data = context.Input(0);
        int? rank = data.Rank ?? (Perm.IsEmpty ? null : Perm.Length);
        if (!Perm.IsEmpty && !Perm.Order().SequenceEqual(Enumerable.Range(0, rank!.Value).Select(i => (long)i)))
            throw context.Fail($"perm [{string.Join(", ", Perm)}] is not a permutation of {rank} dimensions");
        if (rank is null)
        {
            context.Output(0, data.ElementType, null);
            return;
        }
        var perm = PermFor(rank.Value);
        context.Output(0, data.ElementType, data.Shape is { } shape ? Shape.Create([.. perm.Select(p => shape[p])]) : context.FreshShape(rank.Value));
        if (IndexMap.TryElements(context, 0, out var elements, out var dims)) context.OutputContents(0, IndexMap.Move(elements, Positions(dims)));
    }

    internal int[] Positions(ReadOnlySpan<int> dims)
    {
        var perm = PermFor(dims.Length);
        var strides = IndexMap.Strides(dims);
        int[] result = new int[dims.Length], steps = new int[dims.Length];
        for (int d = 0; d < result.Length; d++) (result[d], steps[d]) = (dims[perm[d]], strides[perm[d]]);
        return IndexMap.Strided(result, steps);
    }
}

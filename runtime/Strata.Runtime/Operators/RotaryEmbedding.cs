using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Rotates pairs of elements of each head by an angle per position. x is <c>[B, N, S, H]</c> or <c>[B, S, N·H]</c>; cosines and
/// sines are <c>[positions, R/2]</c> with position numbers i64 <c>[B, S]</c> as a fourth operand, or <c>[B, S, R/2]</c> without.
/// The first R elements of a head are rotated, the rest is kept.
/// </summary>
public sealed record RotaryEmbedding : Operator
{
    /// <summary>Pairs are neighbours, instead of one element from each half.</summary>
    public bool Interleaved { get; init; }

    /// <summary>N; needed when x has rank 3.</summary>
    public long NumHeads { get; init; }

    /// <summary>R; 0 for the whole head.</summary>
    public long RotaryEmbeddingDim { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Interleaved = walker.Flag("interleaved", Interleaved),
        NumHeads = walker.Int("num_heads", NumHeads),
        RotaryEmbeddingDim = walker.Int("rotary_embedding_dim", RotaryEmbeddingDim),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 4);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        var x = context.Input(0);
        context.Allow(1, x.ElementType.Name(), t => t == x.ElementType);
        context.Allow(2, x.ElementType.Name(), t => t == x.ElementType);
        if (context.Has(3)) context.Allow(3, "i64", static t => t == ElementType.Int64);
        if (x.Rank is not (null or 3 or 4)) throw context.Fail($"the input must have rank 3 or 4, is {x}");
        if (x.Rank == 3 && NumHeads == 0 || NumHeads is < 0 or > Attention.MostHeads) throw context.Fail($"an input of rank 3 needs num_heads from 1 to {Attention.MostHeads}; it is {NumHeads}");
        if (RotaryEmbeddingDim is < 0 or > int.MaxValue || RotaryEmbeddingDim % 2 != 0) throw context.Fail($"rotary_embedding_dim must be even and not negative, is {RotaryEmbeddingDim}");
        if (x is { Rank: 3, Shape: { } shape } && shape[2].Constant is { } hidden && hidden % NumHeads != 0) throw context.Fail($"{NumHeads} heads must divide the last dimension, {hidden}");
        context.Output(0, x.ElementType, x.Shape);
    }
}

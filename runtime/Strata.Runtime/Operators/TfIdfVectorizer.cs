using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>How counts become results.</summary>
public enum TermWeighting
{
    /// <summary>The count.</summary>
    TermFrequency,
    /// <summary>The weight of what occurs.</summary>
    InverseDocumentFrequency,
    /// <summary>Count times weight.</summary>
    Both,
}

/// <summary>
/// Counts the n-grams of a pool in rows of tokens (i32, i64 or strings): <c>[C]</c> to <c>[K]</c>, <c>[N, C]</c> to <c>[N, K]</c>, f32,
/// with K one more than the largest output coordinate. The tokens of an n-gram stand equally far apart, up to a greatest distance.
/// </summary>
public sealed record TfIdfVectorizer : Operator
{
    private static readonly ImmutableArray<string> ModeNames = ["TF", "IDF", "TFIDF"];

    /// <summary>Most tokens of an n-gram that counts.</summary>
    public long MaxGramLength { get; init; }

    /// <summary>Most tokens left out between two tokens of an n-gram.</summary>
    public long MaxSkipCount { get; init; }

    /// <summary>Fewest tokens of an n-gram that counts.</summary>
    public long MinGramLength { get; init; }

    /// <summary>How counts become results.</summary>
    public TermWeighting Mode { get; init; }

    /// <summary>Where in the pool the 1-grams, 2-grams, … begin.</summary>
    public ImmutableArray<long> NgramCounts { get; init; } = [];

    /// <summary>The output coordinate of each n-gram.</summary>
    public ImmutableArray<long> NgramIndexes { get; init; } = [];

    /// <summary>The n-grams of integer tokens, one after another.</summary>
    public ImmutableArray<long> PoolInt64s { get; init; } = [];

    /// <summary>The n-grams of string tokens, one after another.</summary>
    public ImmutableArray<string> PoolStrings { get; init; } = [];

    /// <summary>The weight of each n-gram; empty: 1.</summary>
    public ImmutableArray<float> Weights { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        MaxGramLength = walker.Int("max_gram_length", MaxGramLength),
        MaxSkipCount = walker.Int("max_skip_count", MaxSkipCount),
        MinGramLength = walker.Int("min_gram_length", MinGramLength),
        Mode = (TermWeighting)walker.Choice("mode", (int)Mode, ModeNames),
        NgramCounts = walker.Ints("ngram_counts", NgramCounts),
        NgramIndexes = walker.Ints("ngram_indexes", NgramIndexes),
        PoolInt64s = walker.Ints("pool_int64s", PoolInt64s),
        PoolStrings = walker.Texts("pool_strings", PoolStrings),
        Weights = walker.Floats("weights", Weights),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "i32, i64 or str", static t => t is ElementType.Int32 or ElementType.Int64 or ElementType.String);
        bool strings = context.Input(0).ElementType == ElementType.String;
        if (strings ? PoolStrings.IsEmpty || !PoolInt64s.IsEmpty : PoolInt64s.IsEmpty || !PoolStrings.IsEmpty) throw context.Fail($"the input is {context.Input(0).ElementType.Name()}; exactly the pool of its kind must be given");
        if (MinGramLength < 1 || MaxGramLength < MinGramLength || MaxSkipCount < 0 || MaxGramLength > NgramCounts.Length) throw context.Fail($"n-grams of {MinGramLength} to {MaxGramLength} tokens with {MaxSkipCount} skips do not fit {NgramCounts.Length} counts");
        if (NgramIndexes.IsEmpty || NgramIndexes.Any(i => i is < 0 or >= int.MaxValue)) throw context.Fail("ngram_indexes must name coordinates from 0 on");
        if (!Weights.IsEmpty && Weights.Length != NgramIndexes.Length) throw context.Fail($"weights needs {NgramIndexes.Length} values, has {Weights.Length}");
        CheckPool(context, strings ? PoolStrings.Length : PoolInt64s.Length);
        Dim size = NgramIndexes.Max() + 1;
        context.Output(0, ElementType.Float32, context.Input(0).Shape switch
        {
            null => null,
            { Rank: 0 or 1 } => [size],
            { Rank: 2 } shape => [shape[0], size],
            var shape => throw context.Fail($"the input must have rank 1 or 2, is {shape}"),
        });
    }

    private void CheckPool(InferenceContext context, int length)
    {
        long grams = 0;
        for (int n = 1; n <= NgramCounts.Length; n++)
        {
            long end = n < NgramCounts.Length ? NgramCounts[n] : length;
            if (NgramCounts[n - 1] < 0 || end < NgramCounts[n - 1] || end > length || (end - NgramCounts[n - 1]) % n != 0) throw context.Fail($"ngram_counts {string.Join(", ", NgramCounts)} do not divide a pool of {length} tokens into n-grams");
            grams += (end - NgramCounts[n - 1]) / n;
        }
        if (grams != NgramIndexes.Length) throw context.Fail($"the pool holds {grams} n-grams, ngram_indexes has {NgramIndexes.Length} values");
    }
}

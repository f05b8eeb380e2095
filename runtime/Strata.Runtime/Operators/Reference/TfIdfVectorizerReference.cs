using System.Collections.Immutable;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="TfIdfVectorizer"/>.</summary>
internal static class TfIdfVectorizerReference
{
    /// <summary>A trie of n-grams; <see cref="Gram"/> is the number of the one that ends here, or −1.</summary>
    private sealed class Node<T> where T : notnull
    {
        public Dictionary<T, Node<T>> Next { get; } = [];

        public int Gram { get; set; } = -1;
    }

    public static Tensor Evaluate(TfIdfVectorizer op, ReferenceContext context)
    {
        var x = context[0];
        return x.ElementType == ElementType.String
            ? Count(op, x, x.Strings.ToArray(), op.PoolStrings)
            : Count(op, x, x.ToInt64s(), op.PoolInt64s);
    }

    private static Tensor Count<T>(TfIdfVectorizer op, Tensor x, T[] tokens, ImmutableArray<T> pool) where T : notnull
    {
        if (x.Rank > 2) throw ReferenceContext.Fail($"the input must have rank 1 or 2, is {x}");
        int rows = x.Rank == 2 ? x.Dims[0] : 1, columns = x.Rank == 2 ? x.Dims[1] : x.Count, size = (int)op.NgramIndexes.Max() + 1;
        var root = Build(op, pool);
        var result = Tensor.Zeros(ElementType.Float32, x.Rank == 2 ? [rows, size] : [size]);
        var target = result.MutableSpan<float>();
        for (int row = 0; row < rows; row++)
        {
            var counts = new int[op.NgramIndexes.Length];
            Count(op, root, tokens.AsSpan(row * columns, columns), counts);
            for (int g = 0; g < counts.Length; g++)
            {
                float weight = op.Weights.IsEmpty ? 1 : op.Weights[g];
                target[row * size + (int)op.NgramIndexes[g]] += counts[g] == 0 ? 0 : op.Mode switch
                {
                    TermWeighting.TermFrequency => counts[g],
                    TermWeighting.InverseDocumentFrequency => weight,
                    _ => counts[g] * weight,
                };
            }
        }
        return result;
    }

    // A single token is the same at every distance, so it counts at the first only.
    private static void Count<T>(TfIdfVectorizer op, Node<T> root, ReadOnlySpan<T> tokens, int[] counts) where T : notnull
    {
        for (long distance = 1; distance <= op.MaxSkipCount + 1 && (distance == 1 || distance < tokens.Length); distance++)
        {
            for (int start = 0; start < tokens.Length; start++)
            {
                var node = root;
                long at = start;
                for (int length = 1; length <= op.MaxGramLength && at < tokens.Length && node.Next.TryGetValue(tokens[(int)at], out node!); length++, at += distance)
                {
                    if (node.Gram >= 0 && length >= op.MinGramLength && (length > 1 || distance == 1)) counts[node.Gram]++;
                }
            }
        }
    }

    private static Node<T> Build<T>(TfIdfVectorizer op, ImmutableArray<T> pool) where T : notnull
    {
        var root = new Node<T>();
        int gram = 0;
        for (int n = 1; n <= op.NgramCounts.Length; n++)
        {
            long end = n < op.NgramCounts.Length ? op.NgramCounts[n] : pool.Length;
            for (long at = op.NgramCounts[n - 1]; at < end; at += n)
            {
                var node = root;
                for (int i = 0; i < n; i++)
                {
                    if (!node.Next.TryGetValue(pool[(int)at + i], out var next)) node.Next[pool[(int)at + i]] = next = new Node<T>();
                    node = next;
                }
                node.Gram = gram++;
            }
        }
        return root;
    }
}

using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Index arithmetic of data movement: for each element of a result, in row-major order, the position of the source element
/// that it shows. Shape rules move symbolic contents by it, reference evaluations move elements.
/// </summary>
internal static class IndexMap
{
    /// <summary>The distance in elements between neighbours along each axis.</summary>
    public static int[] Strides(ReadOnlySpan<int> dims)
    {
        var strides = new int[dims.Length];
        for (int d = dims.Length - 1, stride = 1; d >= 0; stride *= Math.Max(dims[d], 1), d--) strides[d] = stride;
        return strides;
    }

    /// <summary>Result element (i, j, …) of <paramref name="dims"/> shows position <c>i·strides[0] + j·strides[1] + …</c>.</summary>
    public static int[] Strided(ReadOnlySpan<int> dims, ReadOnlySpan<int> strides)
    {
        var positions = new int[Tensor.CountOf(dims)];
        var index = new int[dims.Length];
        for (int i = 0, at = 0; i < positions.Length; i++)
        {
            positions[i] = at;
            for (int d = dims.Length - 1; d >= 0; d--)
            {
                at += strides[d];
                if (++index[d] < dims[d]) break;
                at -= strides[d] * dims[d];
                index[d] = 0;
            }
        }
        return positions;
    }

    /// <summary>Result element (i, j, …) shows source element (picks[0][i], picks[1][j], …); −1 where a pick is negative.</summary>
    public static int[] Picked(ReadOnlySpan<int> dims, IReadOnlyList<int[]> picks)
    {
        _ = Tensor.CountOf(picks.Select(p => p.Length).ToArray());
        int[] positions = [0];
        for (int d = 0; d < dims.Length; d++)
        {
            var next = new int[positions.Length * picks[d].Length];
            int at = 0;
            foreach (int position in positions)
            {
                foreach (int pick in picks[d]) next[at++] = position < 0 || pick < 0 ? -1 : position * dims[d] + pick;
            }
            positions = next;
        }
        return positions;
    }

    /// <summary>The picks that show every element along every axis; a start for changing some of them.</summary>
    public static int[][] All(ReadOnlySpan<int> dims)
    {
        var picks = new int[dims.Length][];
        for (int d = 0; d < dims.Length; d++) picks[d] = [.. Enumerable.Range(0, dims[d])];
        return picks;
    }

    /// <summary>Contents after a movement; what shows no element is zero.</summary>
    public static ImmutableArray<Dim> Move(ImmutableArray<Dim> source, int[] positions) => [.. positions.Select(p => p < 0 ? Dim.Zero : source[p])];

    /// <summary>The elements and constant dimensions of an operand small enough to take part in symbolic shape computation.</summary>
    public static bool TryElements(InferenceContext context, int index, out ImmutableArray<Dim> elements, out int[] dims)
    {
        (elements, dims) = ([], []);
        if (context.Elements(index) is not { } known || context.Input(index).Shape?.Constant is not { } constant) return false;
        (elements, dims) = (known, constant);
        return true;
    }
}

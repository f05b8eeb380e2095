using Strata.Networks;

namespace Strata.Operators;

/// <summary>Axes given as an operand: negative ones count from the end, none may repeat.</summary>
internal static class AxisList
{
    /// <summary>Axes in [0, rank), for a shape rule.</summary>
    /// <exception cref="InvalidNetworkException">An axis lies outside the rank or repeats.</exception>
    public static int[] Normalize(ReadOnlySpan<long> axes, int rank) =>
        Find(axes, rank, out string? problem) ?? throw new InvalidNetworkException(problem!);

    /// <summary>Axes in [0, rank), for an evaluation.</summary>
    /// <exception cref="InvalidInputException">An axis lies outside the rank or repeats.</exception>
    public static int[] Resolve(ReadOnlySpan<long> axes, int rank) =>
        Find(axes, rank, out string? problem) ?? throw new InvalidInputException(problem!);

    private static int[]? Find(ReadOnlySpan<long> axes, int rank, out string? problem)
    {
        var result = new int[axes.Length];
        for (int i = 0; i < result.Length; i++)
        {
            if (axes[i] < -rank || axes[i] >= rank)
            {
                problem = $"axis {axes[i]} lies outside [{-rank}, {rank - 1}]";
                return null;
            }
            result[i] = (int)(axes[i] < 0 ? axes[i] + rank : axes[i]);
            if (Array.IndexOf(result, result[i], 0, i) >= 0)
            {
                problem = $"axis {axes[i]} is given twice";
                return null;
            }
        }
        problem = null;
        return result;
    }
}

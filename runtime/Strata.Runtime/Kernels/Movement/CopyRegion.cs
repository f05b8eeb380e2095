namespace Strata.Kernels.Movement;

/// <summary>
/// A block of elements that moves from an input to an output: extents, and for both sides where it begins and how far
/// neighbours lie apart along each axis (0 repeats, negative goes backwards), in elements. Never empty.
/// </summary>
internal sealed class CopyRegion
{
    private const int PieceElements = 1 << 16;

    /// <summary>Describes a block; axes that both sides walk alike are merged.</summary>
    public CopyRegion(int input, int output, IReadOnlyList<int> extents, long from, IReadOnlyList<long> fromSteps, long to, IReadOnlyList<long> toSteps)
    {
        (Input, Output, From, To) = (input, output, from, to);
        var axes = new List<(int Extent, long From, long To)>();
        for (int d = 0; d < extents.Count; d++)
        {
            if (extents[d] == 1) continue;
            if (axes.Count > 0 && axes[^1] is var outer && outer.From == fromSteps[d] * extents[d] && outer.To == toSteps[d] * extents[d]) axes[^1] = (outer.Extent * extents[d], fromSteps[d], toSteps[d]);
            else axes.Add((extents[d], fromSteps[d], toSteps[d]));
        }
        if (axes.Count == 0) axes.Add((1, 1, 1));
        (Extents, FromSteps, ToSteps) = ([.. axes.Select(a => a.Extent)], [.. axes.Select(a => a.From)], [.. axes.Select(a => a.To)]);
        long count = Extents.Aggregate(1L, static (a, b) => a * b);
        Pieces = (int)Math.Clamp((count + PieceElements - 1) / PieceElements, 1, Extents[0]);
    }

    /// <summary>Position of the input among the operands.</summary>
    public int Input { get; }

    /// <summary>Position of the output among the results.</summary>
    public int Output { get; }

    /// <summary>The first element read.</summary>
    public long From { get; }

    /// <summary>The first element written.</summary>
    public long To { get; }

    /// <summary>Elements along each merged axis; at least one axis.</summary>
    public int[] Extents { get; }

    /// <summary>Distances on the side that is read.</summary>
    public long[] FromSteps { get; }

    /// <summary>Distances on the side that is written.</summary>
    public long[] ToSteps { get; }

    /// <summary>Parts of about equal size, cut along the first axis.</summary>
    public int Pieces { get; }
}

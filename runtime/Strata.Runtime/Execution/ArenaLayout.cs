namespace Strata.Execution;

/// <summary>A range of the arena and the steps during which it is in use.</summary>
internal sealed class ArenaBuffer(long bytes, int first)
{
    /// <summary>Its size.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>The step that writes it first.</summary>
    public int First { get; } = first;

    /// <summary>The last step that uses it.</summary>
    public int Last { get; set; } = first;

    /// <summary>Where it lies.</summary>
    public long Offset { get; set; }
}

/// <summary>Lays buffers out so that those in use at the same time do not overlap: the largest first, each as low as it can lie.</summary>
internal static class ArenaLayout
{
    private const long Alignment = 64;

    /// <summary>Sets the offsets; returns the size of the arena.</summary>
    public static long Arrange(IEnumerable<ArenaBuffer> buffers)
    {
        var placed = new List<ArenaBuffer>(); // by offset
        long size = 0;
        foreach (var buffer in buffers.OrderByDescending(b => b.Bytes).ThenBy(b => b.First))
        {
            long offset = 0;
            foreach (var other in placed)
            {
                if (other.Last < buffer.First || buffer.Last < other.First) continue;
                if (offset + buffer.Bytes <= other.Offset) break;
                offset = Math.Max(offset, Align(other.Offset + other.Bytes));
            }
            buffer.Offset = offset;
            int index = placed.FindIndex(b => b.Offset > offset);
            placed.Insert(index < 0 ? placed.Count : index, buffer);
            size = Math.Max(size, Align(checked(offset + buffer.Bytes)));
        }
        return size;
    }

    private static long Align(long offset) => (offset + Alignment - 1) & -Alignment;
}

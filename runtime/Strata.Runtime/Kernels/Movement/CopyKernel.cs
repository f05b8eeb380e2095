namespace Strata.Kernels.Movement;

/// <summary>Copies blocks of elements of one width; before that, where a filler is given, fills output 0 with it.</summary>
internal sealed unsafe class CopyKernel<T> : IKernel where T : unmanaged
{
    private const int Tile = 16;

    private readonly CopyRegion[] regions;
    private readonly int[] firstPart;
    private readonly int inputs, filler, filled;
    private readonly bool fills;

    /// <summary>Prepares the copies. <paramref name="filler"/>: the operand whose one element fills output 0 first; −1 for zeros; null for none.</summary>
    public CopyKernel(KernelRequest request, IEnumerable<CopyRegion> regions, int? filler)
    {
        this.regions = [.. regions];
        (inputs, fills, this.filler, filled) = (request.Inputs.Count, filler is not null, filler ?? -1, request.Output.Count);
        firstPart = new int[this.regions.Length + 1];
        for (int i = 0; i < this.regions.Length; i++) firstPart[i + 1] = firstPart[i] + this.regions[i].Pieces;
    }

    public int Phases => fills ? 2 : 1;

    public int Parts(int phase) => fills && phase == 0 ? 1 : Math.Max(1, firstPart[^1]);

    public bool Reads(int input) => fills && input == filler || regions.Any(r => r.Input == input);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        if (fills && phase == 0)
        {
            new Span<T>(buffers.Get<T>(inputs), filled).Fill(filler < 0 ? default : *buffers.Get<T>(filler));
            return;
        }
        if (regions.Length == 0) return;
        int index = Array.BinarySearch(firstPart, part);
        if (index < 0) index = ~index - 1;
        while (regions[index].Pieces == 0) index++;
        var region = regions[index];
        int piece = part - firstPart[index], extent = region.Extents[0];
        int first = (int)((long)extent * piece / region.Pieces), last = (int)((long)extent * (piece + 1) / region.Pieces);
        Copy(region, buffers.Get<T>(region.Input) + region.From + first * region.FromSteps[0], buffers.Get<T>(inputs + region.Output) + region.To + first * region.ToSteps[0], 0, last - first);
    }

    private static void Copy(CopyRegion region, T* from, T* to, int axis, int extent)
    {
        long fromStep = region.FromSteps[axis], toStep = region.ToSteps[axis];
        if (axis == region.Extents.Length - 1)
        {
            Line(from, fromStep, to, toStep, extent);
            return;
        }
        if (axis == region.Extents.Length - 2 && fromStep == 1 && region.FromSteps[axis + 1] != 1)
        {
            Plane(from, region.FromSteps[axis + 1], to, toStep, region.ToSteps[axis + 1], extent, region.Extents[axis + 1]);
            return;
        }
        for (int i = 0; i < extent; i++) Copy(region, from + i * fromStep, to + i * toStep, axis + 1, region.Extents[axis + 1]);
    }

    private static void Line(T* from, long fromStep, T* to, long toStep, int count)
    {
        if (toStep == 1 && fromStep == 1) Buffer.MemoryCopy(from, to, (long)count * sizeof(T), (long)count * sizeof(T));
        else if (toStep == 1 && fromStep == 0) new Span<T>(to, count).Fill(*from);
        else
        {
            for (int i = 0; i < count; i++, from += fromStep, to += toStep) *to = *from;
        }
    }

    // A transpose, tile by tile: both sides stay in the first cache.
    private static void Plane(T* from, long fromStep, T* to, long rowStep, long columnStep, int rows, int columns)
    {
        for (int r = 0; r < rows; r += Tile)
        {
            int lastRow = Math.Min(r + Tile, rows);
            for (int c = 0; c < columns; c += Tile)
            {
                int lastColumn = Math.Min(c + Tile, columns);
                for (int i = r; i < lastRow; i++)
                {
                    T* source = from + i, target = to + i * rowStep;
                    for (int k = c; k < lastColumn; k++) target[k * columnStep] = source[k * fromStep];
                }
            }
        }
    }
}

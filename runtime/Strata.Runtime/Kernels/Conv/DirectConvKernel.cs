using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;
using Strata.Tensors;

namespace Strata.Kernels.Conv;

/// <summary>
/// f32 <see cref="Operators.Conv"/> tap by tap: for few filters or channels per group (depthwise above all), whose
/// products are too thin to pay for patches. The input of a tile is brought into the order of <see cref="DirectTile"/> once for all filters of its group.
/// </summary>
internal sealed unsafe class DirectConvKernel<V> : IKernel where V : struct, ISimd<V>
{
    // Nanoseconds worth handing to another thread; results that go through the epilogue while hot.
    private const double PartCost = 20_000;
    private const int MostParts = 64, HotResults = 4096;

    private readonly ConvShape shape;
    private readonly DirectTile tile;
    private readonly PinnedBuffer offsets;
    private readonly float least, most;
    private readonly Epilogue epilogue;
    private readonly bool hasBias, isWhole, sumsColumns; // isWhole: a tile is a plane, and zeros lie at the same places in each
    private readonly int outputIndex;
    private readonly long tiles, step, room; // room: f32 of the sums of a filter

    private DirectConvKernel(KernelRequest request, ConvShape shape, DirectTile tile)
    {
        (this.shape, this.tile, hasBias, outputIndex) = (shape, tile, request.Has(2), request.OutputIndex());
        (least, most, epilogue) = request.Epilogue.TakeClamp();
        offsets = tile.Offsets(shape);
        sumsColumns = SumsColumns(shape);
        tiles = Tiles(shape, tile);
        isWhole = tiles == (long)shape.Batch * shape.Groups;
        step = Math.Max(1, (long)Math.Ceiling(tiles / Math.Clamp(Cost(shape, tile) / PartCost, 1, MostParts)));
        room = tile.Sums + V.Count;
        ScratchBytes = sizeof(float) * (tile.Floats + 4 * V.Count + Math.Min(DirectSums<V>.Filters, shape.Filters) * room);
    }

    /// <summary>True for convolutions of f32 over up to three axes whose tiles are small enough.</summary>
    public static bool Supports(KernelRequest request) => request.IsAll(ElementType.Float32) && ConvShape.Of(request) is { } shape && DirectTile.Of(shape) is not null;

    /// <summary>Makes the kernel.</summary>
    public static IKernel Create(KernelRequest request)
    {
        var shape = ConvShape.Of(request)!;
        return new DirectConvKernel<V>(request, shape, DirectTile.Of(shape)!);
    }

    /// <summary>Expected nanoseconds.</summary>
    public static double Cost(KernelRequest request)
    {
        var shape = ConvShape.Of(request)!;
        return 100 + Cost(shape, DirectTile.Of(shape)!);
    }

    /// <inheritdoc/>
    public long ScratchBytes { get; }

    /// <inheritdoc/>
    public int Parts(int phase) => (int)Math.Max(1, (tiles + step - 1) / step);

    /// <inheritdoc/>
    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        float* y = buffers.F32(outputIndex), input = (float*)buffers.Scratch, sums = input + tile.Floats + 4 * V.Count;
        long hot = 0, hotEnd = 0; // results that lack the epilogue
        float* constants = stackalloc float[] { 0, least, most };
        for (long i = part * step, last = Math.Min(tiles, (part + 1L) * step); i < last; i++)
        {
            var (rest, column) = Math.DivRem(i, tile.ColumnBands);
            (rest, long row) = Math.DivRem(rest, tile.RowBands);
            (long plane, long depth) = Math.DivRem(rest, shape.Output[0]);
            row *= tile.Rows;
            column *= tile.Columns;
            int rows = (int)Math.Min(tile.Rows, shape.Output[1] - row), columns = (int)Math.Min(tile.Columns, shape.Output[2] - column);
            if (i == part * step || !isWhole) new Span<float>(input, (int)tile.Floats).Clear();
            Read(buffers.F32(0), plane, depth, row, rows, column, input);
            long filters = plane % shape.Groups * shape.Filters, length = (rows - 1) * tile.Pitch + columns;
            for (int f = 0; f < shape.Filters; f++)
            {
                long at = (((plane * shape.Filters + f) * shape.Output[0] + depth) * shape.Output[1] + row) * shape.Output[2] + column;
                if (sumsColumns && rows >= ColumnSums<V>.Rows && columns >= V.Count)
                {
                    constants[0] = hasBias ? buffers.F32(2)[filters + f] : 0;
                    int* places = (int*)offsets.Address;
                    ColumnSums<V>.Run(new(input, places, shape.Kernel[2], tile.Pitch, places[shape.Kernel[2]] - places[0]), buffers.F32(1) + (filters + f) * shape.K, shape.Kernel[1], shape.Stride[1], constants, y + at, shape.Output[2], rows, columns);
                }
                else
                {
                    if (f % DirectSums<V>.Filters == 0) Sum(input, filters + f, Math.Min(DirectSums<V>.Filters, shape.Filters - f), length, sums, buffers);
                    InputRow.Copy<V>(sums + f % DirectSums<V>.Filters * room, tile.Pitch, 1, y + at, shape.Output[2], rows, columns, null);
                }
                if (epilogue.IsEmpty) continue;
                for (int r = 0; r < rows; r++, at += shape.Output[2])
                {
                    if (at != hotEnd || hotEnd - hot >= HotResults)
                    {
                        epilogue.Apply(y + hot, hot, (int)(hotEnd - hot), buffers);
                        hot = at;
                    }
                    hotEnd = at + columns;
                }
            }
        }
        if (hotEnd > hot) epilogue.Apply(y + hot, hot, (int)(hotEnd - hot), buffers);
    }

    // The input of a tile into memory that holds zeros where there is none.
    private void Read(float* x, long plane, long depth, long row, int rows, long column, float* to)
    {
        float* first = x + plane * shape.Channels * shape.InputSize, end = x + (long)shape.Batch * shape.Groups * shape.Channels * shape.InputSize;
        for (int c = 0; c < shape.Channels; c++, first += shape.InputSize)
        {
            for (int k = 0; k < shape.Kernel[0]; k++)
            {
                long z = depth * shape.Stride[0] - shape.Pad[0] + (long)k * shape.Dilation[0];
                bool isInside = z >= 0 && z < shape.Input[0];
                foreach (int rowPhase in tile.RowPhases)
                {
                    long top = row * shape.Stride[1] - shape.Pad[1] + rowPhase;
                    var (above, height) = InputRow.Inside(top, shape.Stride[1], rows + tile.RowReach, shape.Input[1]);
                    foreach (int columnPhase in tile.ColumnPhases)
                    {
                        long left = column * shape.Stride[2] - shape.Pad[2] + columnPhase;
                        var (lead, count) = InputRow.Inside(left, shape.Stride[2], (int)tile.Pitch, shape.Input[2]);
                        float* from = first + (z * shape.Input[1] + top + (long)above * shape.Stride[1]) * shape.Input[2] + left + (long)lead * shape.Stride[2];
                        if (isInside && count > 0) InputRow.Copy<V>(from, (long)shape.Stride[1] * shape.Input[2], shape.Stride[2], to + above * tile.Pitch + lead, tile.Pitch, height, count, end);
                        to += tile.InputRows * tile.Pitch;
                    }
                }
            }
        }
    }

    // The sums of a tile for some filters, each `room` after the one before.
    private void Sum(float* input, long filter, int filters, long length, float* sums, in KernelBuffers buffers) =>
        DirectSums<V>.Sum(input, (int*)offsets.Address, buffers.F32(1) + filter * shape.K, shape.K, hasBias ? buffers.F32(2) + filter : null, filters, least, most, sums, room, length);

    // Few filters over one channel.
    private static bool SumsColumns(ConvShape shape) =>
        shape is { Channels: 1, Filters: < DirectSums<V>.Filters, Kernel: [1, ..] } && ColumnSums<V>.Takes(shape.Kernel[1], shape.Stride[1], shape.Dilation[1]);

    private static long Tiles(ConvShape shape, DirectTile tile) => (long)shape.Batch * shape.Groups * shape.Output[0] * tile.RowBands * tile.ColumnBands;

    // Nanoseconds, fitted with those of products over random shapes: sums of all tiles, those between their rows included, and the input in
    // their order. Four filters share what they read; tiles beyond the first or the second cache are read again from the next one by each four.
    private static double Cost(ConvShape shape, DirectTile tile)
    {
        const double tileCost = 11, rowCost = 1.9, copyCost = 1.25, stepCost = 1, filterCost = 14, vectorCost = 0.95, sharedCost = 0.162, productCost = 0.25;
        const double columnCost = 0.16, farCost = 0.4, farthestCost = 1;
        const long nearFloats = 8 * 1024, farFloats = 96 * 1024;
        int alone = shape.Filters % DirectSums<V>.Filters, shared = shape.Filters - alone;
        double vectors = Math.Ceiling((double)tile.Sums / V.Count), products = shared * sharedCost + alone * productCost;
        double streams = tile.Floats <= nearFloats ? 0 : (shared / DirectSums<V>.Filters + alone) * (double)tile.Floats / V.Count * (tile.Floats <= farFloats ? farCost : farthestCost);
        if (SumsColumns(shape) && tile.Rows >= ColumnSums<V>.Rows && tile.Columns >= V.Count)
        {
            vectors = Math.Ceiling((double)tile.Rows / ColumnSums<V>.Rows) * ColumnSums<V>.Rows * Math.Ceiling((double)tile.Columns / V.Count);
            products = shape.Filters * columnCost;
        }
        double read = (double)tile.Planes * tile.InputRows * (rowCost + tile.Pitch * (shape.Stride[2] <= 2 ? copyCost / V.Count : stepCost));
        return Tiles(shape, tile) * (tileCost + read + shape.Filters * (filterCost + vectors * vectorCost) + vectors * shape.K * products + streams);
    }
}

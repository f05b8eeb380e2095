using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Kernels.Conv;

/// <summary>
/// f32 <see cref="ConvTranspose"/> by sub-filters, tap by tap: all sub-filters of a tile read the same padded piece of the input,
/// and their sums are interleaved row by row on the way to the result. For few channels or filters.
/// </summary>
internal sealed unsafe class SubFilterDirectKernel<V> : IKernel where V : struct, ISimd<V>
{
    // Nanoseconds worth handing to another thread.
    private const double PartCost = 20_000;
    private const int MostParts = 64;
    // f32 of sums that a thread may hold.
    private const long MostSums = 1 << 20;

    private readonly SubFilterShape shape;
    private readonly SubFilterWeights weights;
    private readonly DirectTile tile;
    private readonly long[] low; // the first input along each axis that output 0 of any sub-filter reads
    private readonly PinnedBuffer?[] offsets;
    private readonly float least, most;
    private readonly Epilogue epilogue;
    private readonly bool hasBias, isWhole; // isWhole: a tile is a plane, and zeros lie at the same places in each
    private readonly int outputIndex;
    private readonly long tiles, step, room; // room: f32 of the sums of a filter

    private SubFilterDirectKernel(KernelRequest request, SubFilterShape shape, DirectTile tile, long[] low)
    {
        (this.shape, this.tile, this.low, hasBias, outputIndex) = (shape, tile, low, request.Has(2), request.OutputIndex());
        weights = SubFilterWeights.Of(request, shape);
        (least, most, epilogue) = request.Epilogue.TakeClamp();
        offsets = [.. shape.Parts.Select(Offsets)];
        tiles = Tiles(shape, tile);
        isWhole = tiles == (long)shape.Batch * shape.Groups;
        step = Math.Max(1, (long)Math.Ceiling(tiles / Math.Clamp(Cost(shape, tile) / PartCost, 1, MostParts)));
        room = Room(tile);
        ScratchBytes = sizeof(float) * (tile.Floats + 4 * V.Count + Sums(shape, tile));
    }

    /// <summary>True for transposed convolutions of f32 over up to three axes whose tiles are small enough.</summary>
    public static bool Supports(KernelRequest request) => request.IsAll(ElementType.Float32) && SubFilterShape.Of(request) is { } shape && TileOf(shape).Tile is not null;

    /// <summary>Makes the kernel.</summary>
    public static IKernel Create(KernelRequest request)
    {
        var shape = SubFilterShape.Of(request)!;
        var (tile, low) = TileOf(shape);
        return new SubFilterDirectKernel<V>(request, shape, tile!, low);
    }

    /// <summary>Expected nanoseconds.</summary>
    public static double Cost(KernelRequest request)
    {
        var shape = SubFilterShape.Of(request)!;
        return 100 + Cost(shape, TileOf(shape).Tile!);
    }

    /// <inheritdoc/>
    public int Phases => weights.AreMade ? 1 : 2;

    /// <inheritdoc/>
    public long SharedBytes => weights.SharedBytes;

    /// <inheritdoc/>
    public long ScratchBytes { get; }

    /// <inheritdoc/>
    public int Parts(int phase) => phase < Phases - 1 ? Math.Max(1, shape.Phases) : (int)Math.Max(1, (tiles + step - 1) / step);

    /// <inheritdoc/>
    public bool Reads(int input) => input != 1 || !weights.AreMade;

    /// <inheritdoc/>
    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        if (phase < Phases - 1)
        {
            if (part < shape.Phases) weights.Make(part, buffers);
            return;
        }
        float* input = (float*)buffers.Scratch;
        for (long i = part * step, last = Math.Min(tiles, (part + 1L) * step); i < last; i++)
        {
            var (rest, column) = Math.DivRem(i, tile.ColumnBands);
            (rest, long row) = Math.DivRem(rest, tile.RowBands);
            (long plane, long depth) = Math.DivRem(rest, shape.Output[0]);
            if (i == part * step || !isWhole) new Span<float>(input, (int)tile.Floats).Clear();
            Read(buffers.F32(0), plane, depth, row * tile.Rows, column * tile.Columns, input);
            for (int y = 0; y < shape.Axes[1].Length; y++) Compute(plane, depth, y, row * tile.Rows, column * tile.Columns, input, buffers);
        }
    }

    // The input of a tile into memory that holds zeros where there is none: the planes that a plane of outputs reads.
    private void Read(float* x, long plane, long depth, long row, long column, float* to)
    {
        float* first = x + plane * shape.Channels * shape.InputSize, end = x + (long)shape.Batch * shape.Groups * shape.Channels * shape.InputSize;
        var axis = shape.Axes[0][(int)(depth % shape.Stride[0])];
        long front = depth / shape.Stride[0] - axis.Pad, top = row + low[1], left = column + low[2];
        var (above, height) = InputRow.Inside(top, 1, (int)tile.InputRows, shape.Input[1]);
        var (lead, count) = InputRow.Inside(left, 1, (int)tile.Pitch, shape.Input[2]);
        for (int c = 0; c < shape.Channels; c++, first += shape.InputSize)
        {
            for (int k = 0; k < axis.Taps; k++, to += tile.InputRows * tile.Pitch)
            {
                long z = front + (long)k * axis.Dilation;
                if (z < 0 || z >= shape.Input[0] || count == 0 || height == 0) continue;
                InputRow.Copy<V>(first + (z * shape.Input[1] + top + above) * shape.Input[2] + left + lead, shape.Input[2], 1, to + above * tile.Pitch + lead, tile.Pitch, height, count, end);
            }
        }
    }

    // The rows of outputs of one sub-filter along the second axis.
    private void Compute(long plane, long depth, int phaseRow, long row, long column, float* input, in KernelBuffers buffers)
    {
        var axis = shape.Axes[1][phaseRow];
        int rows = (int)Math.Min(tile.Rows, axis.Count - row), columns = (int)Math.Min(tile.Columns, shape.Grid[2] - column);
        if (rows <= 0 || columns <= 0) return;
        int phases = shape.Axes[2].Length, width = shape.Stride[2], filters = Math.Min(DirectSums<V>.Filters, shape.Filters);
        int length = (int)Math.Min(shape.Output[2] - column * width, (long)columns * width);
        long count = (rows - 1) * tile.Pitch + columns, group = plane % shape.Groups * shape.Filters;
        float* sums = input + tile.Floats + 4 * V.Count, y = buffers.F32(outputIndex);
        for (int f = 0; f < shape.Filters; f += filters)
        {
            int block = Math.Min(filters, shape.Filters - f);
            for (int p = 0; p < phases; p++)
            {
                int phase = shape.Phase((int)(depth % shape.Stride[0]), phaseRow, p);
                Sum(input, phase, group + f, block, count, sums + p * filters * room, buffers);
            }
            for (int i = 0; i < block; i++)
            {
                long at = (((plane * shape.Filters + f + i) * shape.Output[0] + depth) * shape.Output[1] + axis.Offset + row * shape.Stride[1]) * shape.Output[2] + column * width;
                for (int r = 0; r < rows; r++, at += (long)shape.Stride[1] * shape.Output[2])
                {
                    InterleavedRow.Write<V>(sums + i * room + r * tile.Pitch, filters * room, width, y + at, length);
                    epilogue.Apply(y + at, at, length, buffers);
                }
            }
        }
    }

    private void Sum(float* input, int phase, long filter, int filters, long count, float* sums, in KernelBuffers buffers)
    {
        long k = shape.Parts[phase].K;
        DirectSums<V>.Sum(input, k == 0 ? null : (int*)offsets[phase]!.Address, weights[phase, buffers] + filter * k, k, hasBias ? buffers.F32(2) + filter : null, filters, least, most, sums, room, count);
    }

    // For each element of a filter the place in the tile's input of what the first output reads through it.
    private PinnedBuffer? Offsets(ConvShape part)
    {
        if (part.K == 0) return null;
        var places = new PinnedBuffer(sizeof(int) * part.K);
        int* next = (int*)places.Address;
        for (int plane = 0; plane < part.Channels * part.Kernel[0]; plane++)
        {
            for (int y = 0; y < part.Kernel[1]; y++)
            {
                for (int x = 0; x < part.Kernel[2]; x++)
                {
                    *next++ = (int)((plane * tile.InputRows + (long)y * part.Dilation[1] - part.Pad[1] - low[1]) * tile.Pitch + (long)x * part.Dilation[2] - part.Pad[2] - low[2]);
                }
            }
        }
        return places;
    }

    // The tile of a convolution with a window of all that any sub-filter reads.
    private static (DirectTile? Tile, long[] Low) TileOf(SubFilterShape shape)
    {
        long[] low = new long[ConvShape.Axes];
        int[] reach = new int[ConvShape.Axes];
        for (int d = 0; d < ConvShape.Axes; d++)
        {
            SubFilter[] read = [.. shape.Axes[d].Where(f => f.Taps > 0)];
            if (read.Length == 0) continue;
            low[d] = read.Min(f => -f.Pad);
            reach[d] = (int)(read.Max(f => (f.Taps - 1L) * f.Dilation - f.Pad) - low[d]);
        }
        int planes = shape.Axes[0].Select(f => f.Taps).DefaultIfEmpty(0).Max();
        int[] none = [0, 0, 0], one = [1, 1, 1], grid = [shape.Output[0], shape.Grid[1], shape.Grid[2]];
        long window = (reach[1] + 1L) * (reach[2] + 1L) * Math.Max(planes, 1);
        if (window > int.MaxValue) return (null, low);
        var tile = DirectTile.Of(new(shape.Batch, shape.Groups, shape.Channels, shape.Filters, new WindowGeometry(shape.Input, [Math.Max(planes, 1), reach[1] + 1, reach[2] + 1], grid, one, one, none, none)));
        return (tile is not null && Sums(shape, tile) <= MostSums ? tile : null, low);
    }

    private static long Room(DirectTile tile) => tile.Sums + V.Count;

    private static long Sums(SubFilterShape shape, DirectTile tile) => shape.Axes[2].Length * Math.Min(DirectSums<V>.Filters, (long)shape.Filters) * Room(tile);

    private static long Tiles(SubFilterShape shape, DirectTile tile) => (long)shape.Batch * shape.Groups * shape.Output[0] * tile.RowBands * tile.ColumnBands;

    // Nanoseconds, fitted with those of the other rows over random shapes: the input of a tile, sums by whole vectors, and the way to the result.
    private static double Cost(SubFilterShape shape, DirectTile tile)
    {
        const double tileCost = 360, rowCost = 2.4, readCost = 1.3, sumCost = 3.2, vectorCost = 0.8, productCost = 0.4, copyCost = 2.4, stepCost = 0.53;
        int planes = Math.Max(1, shape.Axes[0].Length), width = shape.Axes[2].Length;
        double vectors = Math.Ceiling((double)tile.Sums / V.Count), terms = shape.Parts.Sum(p => (double)p.K) / planes, sums = (double)shape.Phases / planes;
        double read = (double)tile.Planes * tile.InputRows * (rowCost + tile.Pitch * readCost / V.Count);
        double written = (double)shape.Axes[1].Length * tile.Rows * tile.Columns * width * (width is 1 or 2 or 4 ? copyCost / V.Count : stepCost);
        return Tiles(shape, tile) * (tileCost + read + shape.Filters * (sums * (sumCost + vectors * vectorCost) + vectors * terms * productCost + written));
    }
}

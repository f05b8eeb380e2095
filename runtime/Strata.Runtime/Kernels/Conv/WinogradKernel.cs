using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;
using Strata.Tensors;

namespace Strata.Kernels.Conv;

/// <summary>
/// f32 <see cref="Operators.Conv"/> of 3 × 3 filters by <see cref="WinogradTransform"/>: 36 products <c>[M, C] · [C, tiles]</c>
/// for each block of <see cref="WinogradTiles"/>. Constant filters are transformed and packed once.
/// </summary>
/// <remarks>
/// An output's error is at most 2⁻²⁴ · 240 · (C + 24) · Σ over channels of the greatest magnitude in its tile's input times the sum of
/// the magnitudes of the filter's plane (240: the squared norm of the three transforms, one after the other); errors of random operands are
/// below a sixteenth of that. Where a tile's sums are not finite, its outputs are summed directly: no NaN and no infinity spreads beyond its windows.
/// </remarks>
internal sealed unsafe class WinogradKernel<V> : IKernel where V : struct, ISimd<V>
{
    // Nanoseconds worth handing to another thread.
    private const double PartCost = 20_000;
    private const int MostParts = 64;
    // Filters in 36 numbers each take four times the memory; no model's time is worth more.
    private const long MostFilters = 1 << 24;

    private readonly ConvShape shape;
    private readonly WinogradTiles tiles;
    private readonly RowTiling tiling;
    private readonly PinnedBuffer packed;
    private readonly float least, most;
    private readonly Epilogue epilogue;
    private readonly bool hasBias;
    private readonly int outputIndex;
    private readonly long matrix, blocks, step; // matrix: f32 of the packed filters of one of the products

    private WinogradKernel(KernelRequest request, ConvShape shape, WinogradTiles tiles)
    {
        (this.shape, this.tiles, hasBias, outputIndex) = (shape, tiles, request.Has(2), request.OutputIndex());
        (least, most, epilogue) = request.Epilogue.TakeClamp();
        tiling = RowTiling.For(shape.Filters, GemmTiles<V>.RowCounts);
        matrix = tiling.PaddedRows * GemmPacking.PaddedDepth(shape.Channels);
        packed = request.Pack(1, $"winograd.{tiling}.{shape.Groups}", Pack);
        blocks = (long)shape.Batch * shape.Groups * tiles.Blocks;
        step = Math.Max(1, (long)Math.Ceiling(blocks / Math.Clamp(Cost(shape, tiles) / PartCost, 1, MostParts)));
        ScratchBytes = sizeof(float) * (Matrices + WinogradTransform.Products * tiles.Matrix + Sums);
    }

    // Scratch: zeros and room for a vector of tiles, lines, matrices, sums.
    private static long Lines => (2 + WinogradTransform.Outputs * WinogradTransform.Inputs) * V.Count;
    private long Matrices => Lines + (tiles.Lines + 15) / 16 * 16;
    private long Sums => (long)WinogradTransform.Products * tiles.SumRows * tiles.Padded;

    /// <summary>True for convolutions of f32 by constant 3 × 3 filters, of stride and dilation 1.</summary>
    public static bool Supports(KernelRequest request) => request.IsAll(ElementType.Float32) && request.Input(1).Constant is not null && request.Input(1).Count <= MostFilters
        && ConvShape.Of(request) is { } shape && WinogradTiles.Of<V>(shape) is not null;

    /// <summary>Makes the kernel.</summary>
    public static IKernel Create(KernelRequest request)
    {
        var shape = ConvShape.Of(request)!;
        return new WinogradKernel<V>(request, shape, WinogradTiles.Of<V>(shape)!);
    }

    /// <summary>Expected nanoseconds.</summary>
    public static double Cost(KernelRequest request)
    {
        var shape = ConvShape.Of(request)!;
        return 100 + Cost(shape, WinogradTiles.Of<V>(shape)!);
    }

    /// <inheritdoc/>
    public long ScratchBytes { get; }

    /// <inheritdoc/>
    public int Parts(int phase) => (int)Math.Max(1, (blocks + step - 1) / step);

    /// <inheritdoc/>
    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        float* scratch = (float*)buffers.Scratch;
        new Span<float>(scratch, 2 * V.Count).Clear();
        for (long i = part * step, last = Math.Min(blocks, (part + 1L) * step); i < last; i++)
        {
            var (plane, block) = Math.DivRem(i, tiles.Blocks);
            int first = (int)block * tiles.Block, count = Math.Min(tiles.Block, tiles.Tiles - first);
            long group = plane % shape.Groups;
            Transform(buffers.F32(0) + plane * shape.Channels * shape.InputSize, first, count, scratch);
            for (int tile = 0, row = 0; tile < tiling.Tiles; tile += tiles.RowTiles)
            {
                int rows = Multiply(packed.F32 + group * WinogradTransform.Products * matrix, tile, row, count, scratch);
                rows = Math.Min(rows, shape.Filters - row);
                for (int f = 0; f < rows; f++) Finish(plane, row + f, f, first, count, scratch, buffers);
                row += rows;
            }
        }
    }

    // The input of a block's tiles, transformed, as 36 matrices of panels.
    private void Transform(float* image, int first, int count, float* scratch)
    {
        const int outputs = WinogradTransform.Outputs, inputs = WinogradTransform.Inputs;
        float* band = scratch + Lines, lines = band + tiles.BandRows * tiles.BandPitch, lasts = lines + inputs * tiles.LinePitch, matrices = scratch + Matrices;
        float* end = image + (long)shape.Channels * shape.InputSize;
        int top = first / tiles.Across, bottom = (first + count - 1) / tiles.Across, left = top == bottom ? first % tiles.Across : 0, right = top == bottom ? (first + count - 1) % tiles.Across + 1 : tiles.Across;
        int bandRows = outputs * (bottom - top + 1) + 2, bandColumns = outputs * (right - left) + 2, padded = Padded(count);
        long x = (long)outputs * left - shape.Pad[2], y = (long)outputs * top - shape.Pad[1];
        var (lead, inside) = InputRow.Inside(x, 1, bandColumns, shape.Input[2]);
        for (int c = 0; c < shape.Channels; c++, image += shape.InputSize)
        {
            for (int r = 0; r < bandRows; r++)
            {
                float* to = band + r * tiles.BandPitch;
                if (y + r < 0 || y + r >= shape.Input[1] || inside == 0) InputRow.Write<V>(image, 1, bandColumns, 0, 0, to, end);
                else InputRow.Write<V>(image + (y + r) * shape.Input[2] + x + lead, 1, lead, inside, bandColumns - lead - inside, to, end);
            }
            for (int at = 0; at < count;)
            {
                var (row, column) = Math.DivRem(first + at, tiles.Across);
                int some = Math.Min(count - at, tiles.Across - column);
                WinogradTransform.Columns<V>(band + outputs * ((row - top) * tiles.BandPitch + column - left), tiles.BandPitch, lines + outputs * at, lasts + outputs * at, tiles.LinePitch, outputs * some + 2);
                at += some;
            }
            for (int i = 0; i < inputs; i++)
            {
                // Tiles beyond the last are zero.
                float* line = lines + i * tiles.LinePitch, last = lasts + i * tiles.LinePitch, to = matrices + i * inputs * tiles.Matrix;
                for (int j = outputs * count; j < outputs * padded; j++) line[j] = last[j] = 0;
                for (int at = 0; at < padded;)
                {
                    int width = GemmPacking.PanelWidth<V>(padded - at);
                    WinogradTransform.Row<V>(line + outputs * at, last + outputs * at, to + (long)at * shape.Channels + c * width, tiles.Matrix, width);
                    at += width;
                }
            }
        }
    }

    // The sums of some filters, those from a tile of rows on, as [filters, 36, tiles]; returns their number.
    private int Multiply(float* filters, int tile, int row, int count, float* scratch)
    {
        float* zeros = scratch, matrices = scratch + Matrices, sums = matrices + WinogradTransform.Products * tiles.Matrix;
        int last = Math.Min(tiling.Tiles, tile + tiles.RowTiles), padded = Padded(count), rows = 0;
        long depth = GemmPacking.PaddedDepth(shape.Channels), stride = (long)WinogradTransform.Products * tiles.Padded;
        for (int i = 0; i < WinogradTransform.Products; i++, filters += matrix, matrices += tiles.Matrix)
        {
            for (int at = 0; at < padded;)
            {
                int width = GemmPacking.PanelWidth<V>(padded - at);
                float* to = sums + (long)i * tiles.Padded + at;
                rows = 0;
                for (int t = tile; t < last; t++)
                {
                    int some = tiling.RowsOf(t);
                    GemmTiles<V>.Tile(some, width / V.Count, false)(filters + (row + rows) * depth, matrices + (long)at * shape.Channels, shape.Channels, zeros, 0, to + rows * stride, stride, float.NegativeInfinity, float.PositiveInfinity);
                    rows += some;
                }
                at += width;
            }
        }
        return rows;
    }

    // The outputs of a block of tiles of a filter, whose sums are the `kept`-th.
    private void Finish(long plane, int filter, int kept, int first, int count, float* scratch, in KernelBuffers buffers)
    {
        const int outputs = WinogradTransform.Outputs;
        float* room = scratch + 2 * V.Count, lines = scratch + Lines, sums = scratch + Matrices + WinogradTransform.Products * tiles.Matrix + (long)kept * WinogradTransform.Products * tiles.Padded;
        float start = hasBias ? buffers.F32(2)[plane % shape.Groups * shape.Filters + filter] : 0;
        V zero = V.Of(0), from = V.Of(start), low = V.Of(least), high = V.Of(most);
        for (int at = 0, padded = Padded(count); at < padded; at += V.Count) WinogradTransform.Sums(sums + at, tiles.Padded, from, low, high, lines + outputs * at, tiles.LinePitch, room, ref zero);
        bool isFinite = zero.Sum() == 0;
        float* target = buffers.F32(outputIndex);
        long output = (plane * shape.Filters + filter) * shape.OutputSize, done = output, doneEnd = output; // outputs that lack the epilogue
        for (int at = 0; at < count;)
        {
            var (row, column) = Math.DivRem(first + at, tiles.Across);
            int some = Math.Min(count - at, tiles.Across - column), y = outputs * row, x = outputs * column;
            int rows = Math.Min(outputs, shape.Output[1] - y), columns = Math.Min(outputs * some, shape.Output[2] - x);
            if (!isFinite) Repair(plane, filter, y, x, rows, columns, start, lines + outputs * at, buffers);
            long place = output + (long)y * shape.Output[2] + x;
            InputRow.Copy<V>(lines + outputs * at, tiles.LinePitch, 1, target + place, shape.Output[2], rows, columns, null);
            at += some;
            if (epilogue.IsEmpty) continue;
            for (int r = 0; r < rows; r++, place += shape.Output[2])
            {
                if (place != doneEnd)
                {
                    if (doneEnd > done) epilogue.Apply(target + done, done, (int)(doneEnd - done), buffers);
                    done = place;
                }
                doneEnd = place + columns;
            }
        }
        if (doneEnd > done) epilogue.Apply(target + done, done, (int)(doneEnd - done), buffers);
    }

    // Sums outputs of a filter directly.
    private void Repair(long plane, int filter, int top, int left, int rows, int columns, float start, float* lines, in KernelBuffers buffers)
    {
        float* image = buffers.F32(0) + plane * shape.Channels * shape.InputSize, weights = buffers.F32(1) + (plane % shape.Groups * shape.Filters + filter) * shape.K;
        for (int r = 0; r < rows; r++)
        {
            for (int x = 0; x < columns; x++)
            {
                F32 sum = F32.Of(start);
                for (int k = 0; k < shape.K; k++)
                {
                    var (channel, tap) = Math.DivRem(k, shape.Taps);
                    long row = (long)top + r - shape.Pad[1] + tap / WinogradTransform.Taps, column = (long)left + x - shape.Pad[2] + tap % WinogradTransform.Taps;
                    if (row < 0 || row >= shape.Input[1] || column < 0 || column >= shape.Input[2]) continue;
                    sum = F32.Fma(F32.Of(weights[k]), F32.Load(image + channel * (long)shape.InputSize + row * shape.Input[2] + column), sum);
                }
                F32.Max(F32.Of(least), F32.Min(F32.Of(most), sum)).Store(lines + r * tiles.LinePitch + x);
            }
        }
    }

    private static int Padded(int count) => (count + V.Count - 1) / V.Count * V.Count;

    private PinnedBuffer Pack(Tensor filters)
    {
        var rows = new PinnedBuffer(sizeof(float) * shape.Groups * WinogradTransform.Products * matrix);
        var plane = new PinnedBuffer(sizeof(float) * WinogradTransform.Products * shape.Filters * (long)shape.Channels);
        long size = (long)shape.Filters * shape.Channels;
        fixed (float* source = filters.Span<float>())
        {
            for (int g = 0; g < shape.Groups; g++)
            {
                for (long k = 0; k < size; k++) WinogradTransform.Filter(source + (g * size + k) * shape.Taps, plane.F32 + k, size);
                for (int i = 0; i < WinogradTransform.Products; i++) GemmPacking.Rows<V>(plane.F32 + i * size, shape.Channels, 1, shape.Filters, shape.Channels, 1, tiling, rows.F32 + (g * WinogradTransform.Products + i) * matrix);
            }
        }
        return rows;
    }

    // Nanoseconds, fitted over random shapes: vectors of tiles in each channel and each filter, their products, passes over panels, rows of the
    // input, filters of a block; and filters that no near cache keeps from block to block.
    private static double Cost(ConvShape shape, WinogradTiles tiles)
    {
        const double inputCost = 90, outputCost = 77, productCost = 0.173, passCost = 8, rowCost = 9.5, filterCost = 36, farCost = 0.021;
        const long nearFilters = 96 * 1024;
        var tiling = RowTiling.For(shape.Filters, GemmTiles<V>.RowCounts);
        int last = tiles.Tiles - (tiles.Blocks - 1) * tiles.Block;
        double vectors = (tiles.Blocks - 1.0) * (Padded(tiles.Block) / V.Count) + Padded(last) / V.Count, panels = Math.Ceiling(vectors / 2), filters = (double)WinogradTransform.Products * shape.Channels * shape.Filters;
        double products = WinogradTransform.Products * (vectors * shape.Channels * Math.Max(4, tiling.PaddedRows) * productCost + panels * tiling.Tiles * passCost);
        double block = (double)tiles.BandRows * shape.Channels * rowCost + shape.Filters * filterCost + (filters > nearFilters ? filters * farCost : 0);
        return (double)shape.Batch * shape.Groups * (vectors * (shape.Channels * inputCost + shape.Filters * outputCost) + products + tiles.Blocks * block);
    }
}

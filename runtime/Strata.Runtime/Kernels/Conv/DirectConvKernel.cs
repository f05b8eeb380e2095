using System.Runtime.CompilerServices;
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
    // Filters that share what they read.
    private const int FilterBlock = 4;

    private readonly ConvShape shape;
    private readonly DirectTile tile;
    private readonly PinnedBuffer offsets;
    private readonly float least, most;
    private readonly Epilogue epilogue;
    private readonly bool hasBias, isWhole; // isWhole: a tile is a plane, and zeros lie at the same places in each
    private readonly int outputIndex;
    private readonly long tiles, step, room; // room: f32 of the sums of a filter

    private DirectConvKernel(KernelRequest request, ConvShape shape, DirectTile tile)
    {
        (this.shape, this.tile, hasBias, outputIndex) = (shape, tile, request.Has(2), request.OutputIndex());
        (least, most, epilogue) = request.Epilogue.TakeClamp();
        offsets = tile.Offsets(shape);
        tiles = Tiles(shape, tile);
        isWhole = tiles == (long)shape.Batch * shape.Groups;
        step = Math.Max(1, (long)Math.Ceiling(tiles / Math.Clamp(Cost(shape, tile) / PartCost, 1, MostParts)));
        room = tile.Sums + V.Count;
        ScratchBytes = sizeof(float) * (tile.Floats + 4 * V.Count + Math.Min(FilterBlock, shape.Filters) * room);
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
                if (f % FilterBlock == 0) Sum(input, filters + f, Math.Min(FilterBlock, shape.Filters - f), length, sums, buffers);
                long at = (((plane * shape.Filters + f) * shape.Output[0] + depth) * shape.Output[1] + row) * shape.Output[2] + column;
                InputRow.Copy<V>(sums + f % FilterBlock * room, tile.Pitch, 1, y + at, shape.Output[2], rows, columns, null);
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
    private void Sum(float* input, long filter, int filters, long length, float* sums, in KernelBuffers buffers)
    {
        float* weights = buffers.F32(1) + filter * shape.K, start = hasBias ? buffers.F32(2) + filter : null;
        if (filters == FilterBlock)
        {
            SumFour(input, (int*)offsets.Address, weights, shape.K, start, least, most, sums, room, length);
            return;
        }
        for (int f = 0; f < filters; f++) SumOne(input, (int*)offsets.Address, weights + f * shape.K, shape.K, start is null ? 0 : start[f], least, most, sums + f * room, length);
    }

    private static void SumOne(float* source, int* offsets, float* weights, long k, float start, float least, float most, float* target, long count)
    {
        // Eight sums at a time fill the adders, four nearly so; the last of either kind may do vectors again.
        long vectors = (count + V.Count - 1) / V.Count, done = 0;
        for (; vectors - done > 4 && vectors >= 8; done += 8) SumEightVectors(source, offsets, weights, k, start, least, most, target, Math.Min(done, vectors - 8));
        for (; vectors - done > 0 && vectors >= 4; done += 4) SumFourVectors(source, offsets, weights, k, start, least, most, target, Math.Min(done, vectors - 4));
        for (; done < vectors; done++)
        {
            float* from = source + done * V.Count;
            V p = V.Of(start);
            for (long i = 0; i < k; i++) p = V.Fma(V.Of(weights[i]), V.Load(from + offsets[i]), p);
            V.Max(V.Of(least), V.Min(V.Of(most), p)).Store(target + done * V.Count);
        }
    }

    private static void SumEightVectors(float* source, int* offsets, float* weights, long k, float start, float least, float most, float* target, long first)
    {
        source += first * V.Count;
        target += first * V.Count;
        V p0 = V.Of(start), p1 = p0, p2 = p0, p3 = p0, p4 = p0, p5 = p0, p6 = p0, p7 = p0;
        for (long i = 0; i < k; i++)
        {
            float* from = source + offsets[i];
            V w = V.Of(weights[i]);
            p0 = V.Fma(w, V.Load(from), p0);
            p1 = V.Fma(w, V.Load(from + V.Count), p1);
            p2 = V.Fma(w, V.Load(from + 2 * V.Count), p2);
            p3 = V.Fma(w, V.Load(from + 3 * V.Count), p3);
            p4 = V.Fma(w, V.Load(from + 4 * V.Count), p4);
            p5 = V.Fma(w, V.Load(from + 5 * V.Count), p5);
            p6 = V.Fma(w, V.Load(from + 6 * V.Count), p6);
            p7 = V.Fma(w, V.Load(from + 7 * V.Count), p7);
        }
        V low = V.Of(least), high = V.Of(most);
        V.Max(low, V.Min(high, p0)).Store(target);
        V.Max(low, V.Min(high, p1)).Store(target + V.Count);
        V.Max(low, V.Min(high, p2)).Store(target + 2 * V.Count);
        V.Max(low, V.Min(high, p3)).Store(target + 3 * V.Count);
        V.Max(low, V.Min(high, p4)).Store(target + 4 * V.Count);
        V.Max(low, V.Min(high, p5)).Store(target + 5 * V.Count);
        V.Max(low, V.Min(high, p6)).Store(target + 6 * V.Count);
        V.Max(low, V.Min(high, p7)).Store(target + 7 * V.Count);
    }

    private static void SumFourVectors(float* source, int* offsets, float* weights, long k, float start, float least, float most, float* target, long first)
    {
        source += first * V.Count;
        target += first * V.Count;
        V p0 = V.Of(start), p1 = p0, p2 = p0, p3 = p0;
        for (long i = 0; i < k; i++)
        {
            float* from = source + offsets[i];
            V w = V.Of(weights[i]);
            p0 = V.Fma(w, V.Load(from), p0);
            p1 = V.Fma(w, V.Load(from + V.Count), p1);
            p2 = V.Fma(w, V.Load(from + 2 * V.Count), p2);
            p3 = V.Fma(w, V.Load(from + 3 * V.Count), p3);
        }
        V low = V.Of(least), high = V.Of(most);
        V.Max(low, V.Min(high, p0)).Store(target);
        V.Max(low, V.Min(high, p1)).Store(target + V.Count);
        V.Max(low, V.Min(high, p2)).Store(target + 2 * V.Count);
        V.Max(low, V.Min(high, p3)).Store(target + 3 * V.Count);
    }

    private static void SumFour(float* source, int* offsets, float* weights, long k, float* start, float least, float most, float* target, long stride, long count)
    {
        V low = V.Of(least), high = V.Of(most);
        V first0 = V.Of(start is null ? 0 : start[0]), first1 = V.Of(start is null ? 0 : start[1]);
        V first2 = V.Of(start is null ? 0 : start[2]), first3 = V.Of(start is null ? 0 : start[3]);
        float* weights1 = weights + k, weights2 = weights1 + k, weights3 = weights2 + k;
        // Two vectors of each keep the adders as busy as three: one is left alone only where there are no others.
        for (; count > 2 * V.Count && !(count > 3 * V.Count && count <= 4 * V.Count); count -= 3 * V.Count, source += 3 * V.Count, target += 3 * V.Count)
        {
            V p0 = first0, p1 = first0, p2 = first0, q0 = first1, q1 = first1, q2 = first1;
            V r0 = first2, r1 = first2, r2 = first2, s0 = first3, s1 = first3, s2 = first3;
            for (long i = 0; i < k; i++)
            {
                float* from = source + offsets[i];
                V x0 = V.Load(from), x1 = V.Load(from + V.Count), x2 = V.Load(from + 2 * V.Count), w = V.Of(weights[i]);
                p0 = V.Fma(w, x0, p0);
                p1 = V.Fma(w, x1, p1);
                p2 = V.Fma(w, x2, p2);
                w = V.Of(weights1[i]);
                q0 = V.Fma(w, x0, q0);
                q1 = V.Fma(w, x1, q1);
                q2 = V.Fma(w, x2, q2);
                w = V.Of(weights2[i]);
                r0 = V.Fma(w, x0, r0);
                r1 = V.Fma(w, x1, r1);
                r2 = V.Fma(w, x2, r2);
                w = V.Of(weights3[i]);
                s0 = V.Fma(w, x0, s0);
                s1 = V.Fma(w, x1, s1);
                s2 = V.Fma(w, x2, s2);
            }
            float* to = target;
            V.Max(low, V.Min(high, p0)).Store(to);
            V.Max(low, V.Min(high, p1)).Store(to + V.Count);
            V.Max(low, V.Min(high, p2)).Store(to + 2 * V.Count);
            to += stride;
            V.Max(low, V.Min(high, q0)).Store(to);
            V.Max(low, V.Min(high, q1)).Store(to + V.Count);
            V.Max(low, V.Min(high, q2)).Store(to + 2 * V.Count);
            to += stride;
            V.Max(low, V.Min(high, r0)).Store(to);
            V.Max(low, V.Min(high, r1)).Store(to + V.Count);
            V.Max(low, V.Min(high, r2)).Store(to + 2 * V.Count);
            to += stride;
            V.Max(low, V.Min(high, s0)).Store(to);
            V.Max(low, V.Min(high, s1)).Store(to + V.Count);
            V.Max(low, V.Min(high, s2)).Store(to + 2 * V.Count);
        }
        for (; count > V.Count; count -= 2 * V.Count, source += 2 * V.Count, target += 2 * V.Count)
        {
            V p0 = first0, p1 = first0, q0 = first1, q1 = first1, r0 = first2, r1 = first2, s0 = first3, s1 = first3;
            for (long i = 0; i < k; i++)
            {
                float* from = source + offsets[i];
                V x0 = V.Load(from), x1 = V.Load(from + V.Count), w = V.Of(weights[i]);
                p0 = V.Fma(w, x0, p0);
                p1 = V.Fma(w, x1, p1);
                w = V.Of(weights1[i]);
                q0 = V.Fma(w, x0, q0);
                q1 = V.Fma(w, x1, q1);
                w = V.Of(weights2[i]);
                r0 = V.Fma(w, x0, r0);
                r1 = V.Fma(w, x1, r1);
                w = V.Of(weights3[i]);
                s0 = V.Fma(w, x0, s0);
                s1 = V.Fma(w, x1, s1);
            }
            float* to = target;
            V.Max(low, V.Min(high, p0)).Store(to);
            V.Max(low, V.Min(high, p1)).Store(to + V.Count);
            to += stride;
            V.Max(low, V.Min(high, q0)).Store(to);
            V.Max(low, V.Min(high, q1)).Store(to + V.Count);
            to += stride;
            V.Max(low, V.Min(high, r0)).Store(to);
            V.Max(low, V.Min(high, r1)).Store(to + V.Count);
            to += stride;
            V.Max(low, V.Min(high, s0)).Store(to);
            V.Max(low, V.Min(high, s1)).Store(to + V.Count);
        }
        for (; count > 0; count -= V.Count, source += V.Count, target += V.Count)
        {
            V p = first0, q = first1, r = first2, s = first3;
            for (long i = 0; i < k; i++)
            {
                V x = V.Load(source + offsets[i]);
                p = V.Fma(V.Of(weights[i]), x, p);
                q = V.Fma(V.Of(weights1[i]), x, q);
                r = V.Fma(V.Of(weights2[i]), x, r);
                s = V.Fma(V.Of(weights3[i]), x, s);
            }
            V.Max(low, V.Min(high, p)).Store(target);
            V.Max(low, V.Min(high, q)).Store(target + stride);
            V.Max(low, V.Min(high, r)).Store(target + 2 * stride);
            V.Max(low, V.Min(high, s)).Store(target + 3 * stride);
        }
    }

    private static long Tiles(ConvShape shape, DirectTile tile) => (long)shape.Batch * shape.Groups * shape.Output[0] * tile.RowBands * tile.ColumnBands;

    private static double Cost(ConvShape shape, DirectTile tile)
    {
        const double tileCost = 25, rowCost = 4, copyCost = 0.5, stepCost = 1, productCost = 0.3, sharedCost = 0.2;
        bool isFast = shape.Stride[2] <= 2;
        double rows = (double)tile.Planes * tile.InputRows, vectors = Math.Ceiling((double)tile.Sums / V.Count);
        double read = rows * (rowCost + tile.Pitch * (isFast ? copyCost / V.Count : stepCost));
        int shared = shape.Filters / FilterBlock * FilterBlock;
        double products = vectors * shape.K * (shared * sharedCost + (shape.Filters - shared) * productCost);
        return Tiles(shape, tile) * (tileCost + read + shape.Filters * (tileCost + tile.Rows * rowCost) + products);
    }
}

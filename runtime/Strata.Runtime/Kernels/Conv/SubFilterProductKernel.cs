using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Conv;

/// <summary>
/// f32 <see cref="ConvTranspose"/> by sub-filters, each a product of filters <c>[M, C · taps]</c> and patches <c>[C · taps, outputs]</c> as
/// in <see cref="ConvKernel{V}"/>: some rows of outputs for some filters at a time, so that the products of the sub-filters along
/// the last axis are interleaved while they lie in a near cache.
/// </summary>
internal sealed unsafe class SubFilterProductKernel<V> : IKernel where V : struct, ISimd<V>
{
    // Nanoseconds worth handing to another thread; columns of a product that pay for a pass over the filters; f32 of products that stay near.
    private const double PartCost = 20_000;
    private const int MostParts = 64, FewColumns = 128, MostColumns = 512, NearFloats = 64 * 1024;
    private const long MostFloats = 1 << 22;

    private readonly SubFilterShape shape;
    private readonly SubFilterWeights? weights; // where they are not packed
    private readonly PinnedBuffer? packed;
    private readonly long[] starts; // of the packed filters of each sub-filter
    private readonly GemmLoop[] loops, lastLoops; // of each sub-filter, for all blocks of filters but the last, and for the last
    private readonly Cut cut;
    private readonly float least, most;
    private readonly Epilogue epilogue;
    private readonly bool hasBias;
    private readonly int outputIndex, paddedRows;
    private readonly long blocks, step, loopScratch;

    private SubFilterProductKernel(KernelRequest request, SubFilterShape shape)
    {
        (this.shape, hasBias, outputIndex) = (shape, request.Has(2), request.OutputIndex());
        var tiling = RowTiling.For(shape.Filters, GemmTiles<V>.RowCounts);
        cut = new(shape, tiling);
        paddedRows = tiling.PaddedRows;
        starts = new long[shape.Phases + 1];
        for (int p = 0; p < shape.Phases; p++) starts[p + 1] = starts[p] + (long)shape.Groups * paddedRows * GemmPacking.PaddedDepth(shape.Parts[p].K);
        if (request.Input(1).Constant is null) weights = SubFilterWeights.Of(request, shape);
        else packed = request.Pack(1, $"gemm.sub-filters.{tiling}.{SubFilterWeights.Key(shape)}", tensor => Pack(tensor, tiling));
        (least, most, epilogue) = request.Epilogue.TakeClamp();
        int last = shape.Filters - (cut.FilterBlocks - 1) * cut.Filters;
        loops = [.. shape.Parts.Select(p => new GemmLoop(cut.Filters, p.K, tiling.Slice(0, cut.Filters, cut.FilterBlocks == 1), least, most, Epilogue.None))];
        lastLoops = [.. shape.Parts.Select(p => new GemmLoop(last, p.K, tiling.Slice(shape.Filters - last, last, toEnd: true), least, most, Epilogue.None))];
        blocks = (long)shape.Batch * shape.Groups * cut.PerImage;
        step = Math.Max(1, (long)Math.Ceiling(blocks / Math.Clamp(Cost(shape) / PartCost, 1, MostParts)));
        loopScratch = loops.Concat(lastLoops).Select(l => l.Scratch<V>(packed is null, true)).DefaultIfEmpty(0).Max();
        ScratchBytes = sizeof(float) * (cut.Floats + loopScratch) + shape.Parts.Select(p => PatchPanels.RunBytes(p, GemmTiles<V>.Width)).DefaultIfEmpty(0).Max();
    }

    /// <summary>True for transposed convolutions of f32 over up to three axes.</summary>
    public static bool Supports(KernelRequest request) =>
        request.IsAll(ElementType.Float32) && SubFilterShape.Of(request) is { } shape && new Cut(shape, RowTiling.For(shape.Filters, GemmTiles<V>.RowCounts)).Floats <= MostFloats;

    /// <summary>Makes the kernel.</summary>
    public static IKernel Create(KernelRequest request) => new SubFilterProductKernel<V>(request, SubFilterShape.Of(request)!);

    /// <summary>Expected nanoseconds, with some multiplications per nanosecond.</summary>
    public static double Cost(KernelRequest request, double speed) => 100 + Cost(SubFilterShape.Of(request)!, speed);

    /// <inheritdoc/>
    public int Phases => packed is null ? 2 : 1;

    /// <inheritdoc/>
    public long SharedBytes => weights?.SharedBytes ?? 0;

    /// <inheritdoc/>
    public long ScratchBytes { get; }

    /// <inheritdoc/>
    public int Parts(int phase) => phase < Phases - 1 ? Math.Max(1, shape.Phases) : (int)Math.Max(1, (blocks + step - 1) / step);

    /// <inheritdoc/>
    public bool Reads(int input) => input != 1 || packed is null;

    /// <inheritdoc/>
    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        if (phase < Phases - 1)
        {
            if (part < shape.Phases) weights!.Make(part, buffers);
            return;
        }
        for (long i = part * step, last = Math.Min(blocks, (part + 1L) * step); i < last; i++)
        {
            var (image, block) = Math.DivRem(i, cut.PerImage);
            Compute((int)image, cut.At(block), buffers);
        }
    }

    private void Compute(int image, in Block block, in KernelBuffers buffers)
    {
        var (phaseZ, phaseY) = ((int)(block.Depth % shape.Stride[0]), block.PhaseY);
        var axis = shape.Axes[1][phaseY];
        int rows = (int)Math.Min(cut.Rows, axis.Count - block.Row), columns = (int)Math.Min(cut.Columns, shape.Grid[2] - block.Column);
        if (rows <= 0 || columns <= 0) return;
        int filters = Math.Min(cut.Filters, shape.Filters - block.Filter), phases = shape.Axes[2].Length;
        float* products = (float*)buffers.Scratch;
        long line = ((long)(block.Depth / shape.Stride[0]) * shape.Grid[1] + block.Row) * shape.Grid[2] + block.Column, count = (rows - 1L) * shape.Grid[2] + columns;
        long plane = (long)cut.Filters * cut.Count;
        for (int p = 0; p < phases; p++) Multiply(image, shape.Phase(phaseZ, phaseY, p), block.Filter, line, count, products + p * plane, buffers);

        int width = shape.Stride[2], length = (int)Math.Min(shape.Output[2] - (long)block.Column * width, (long)columns * width);
        float* y = buffers.F32(outputIndex);
        for (int f = 0; f < filters; f++)
        {
            long at = ((((long)image * shape.Filters + block.Filter + f) * shape.Output[0] + block.Depth) * shape.Output[1] + axis.Offset + (long)block.Row * shape.Stride[1]) * shape.Output[2] + (long)block.Column * width;
            for (int r = 0; r < rows; r++, at += (long)shape.Stride[1] * shape.Output[2])
            {
                InterleavedRow.Write<V>(products + f * cut.Count + (long)r * shape.Grid[2], plane, width, y + at, length);
                epilogue.Apply(y + at, at, length, buffers);
            }
        }
    }

    // The products of a sub-filter for columns [line, line + count) of its outputs.
    private void Multiply(int image, int phase, int filter, long line, long count, float* target, in KernelBuffers buffers)
    {
        var part = shape.Parts[phase];
        int group = image % shape.Groups;
        long whole = GemmPacking.PaddedDepth(part.K);
        float* x = buffers.F32(0), channels = x + (long)image * shape.Channels * shape.InputSize, scratch = (float*)buffers.Scratch + cut.Floats;
        var rows = packed is not null
            ? new GemmRows(packed.F32 + starts[phase] + (group * (long)paddedRows + filter) * whole)
            : new GemmRows(weights![phase, buffers] + ((long)group * shape.Filters + filter) * part.K, Math.Max(part.K, 1));
        var start = hasBias ? new GemmStart(buffers.F32(2) + group * shape.Filters + filter, 1) : default;
        ref readonly var loop = ref filter + cut.Filters >= shape.Filters ? ref lastLoops[phase] : ref loops[phase];
        var result = new GemmTarget(target - line, cut.Count, 0);
        if (part.K == 0 || part.Taps == 1 && part.Pad is [0, 0, 0] && shape.Input.AsSpan().SequenceEqual(shape.Grid))
        {
            loop.Run<V, StridedPanels>(rows, new(channels, shape.InputSize, 1, part.OutputSize), line, line + count, start, result, scratch, buffers);
            return;
        }
        float* end = x + (long)shape.Batch * shape.Groups * shape.Channels * shape.InputSize;
        loop.Run<V, PatchPanels>(rows, new(part, channels, end, (PatchPanels.Run*)(scratch + loopScratch)), line, line + count, start, result, scratch, buffers);
    }

    private PinnedBuffer Pack(Tensor tensor, RowTiling tiling)
    {
        var rows = new PinnedBuffer(sizeof(float) * starts[shape.Phases]);
        var all = SubFilterWeights.Make(shape, tensor);
        for (int phase = 0; phase < shape.Phases; phase++)
        {
            long k = shape.Parts[phase].K, whole = GemmPacking.PaddedDepth(k);
            for (int g = 0; g < shape.Groups; g++)
                GemmPacking.Rows<V>(all.F32 + shape.Start(phase) + (long)g * shape.Filters * k, k, 1, shape.Filters, k, 1, tiling, rows.F32 + starts[phase] + (long)g * paddedRows * whole);
        }
        GC.KeepAlive(all);
        return rows;
    }

    // Nanoseconds, fitted with those of the other rows over random shapes: products with all rows and columns of their tiles, passes of a tile over
    // a panel, patches (elements, and runs of them in one row), and the way to the result.
    private static double Cost(SubFilterShape shape, double speed = 30)
    {
        const double patchCost = 1.3, runCost = 3.25, cutCost = 29, passCost = 18, passDepth = 320, copyCost = 4, stepCost = 0.65, rowCost = 3.7;
        var tiling = RowTiling.For(shape.Filters, GemmTiles<V>.RowCounts);
        var cut = new Cut(shape, tiling);
        if (shape.Phases == 0 || cut.PerImage == 0) return 0;
        double columns = GemmPacking.PaddedColumns<V>(cut.Count), rows = Math.Max(4, tiling.PaddedRows), panels = columns / GemmTiles<V>.Width;
        double sum = shape.Parts.Sum(p => (double)p.K), taps = shape.Parts.Sum(p => (double)p.Taps), passes = shape.Parts.Sum(p => Math.Ceiling(p.K / passDepth)) * tiling.Tiles * Math.Ceiling(panels);
        double product = columns * sum * (rows / speed + cut.FilterBlocks * patchCost / V.Count) + cut.FilterBlocks * (panels + cut.Rows) * (sum * runCost + taps * cutCost) + passes * passCost;
        double written = shape.Filters * ((double)shape.OutputSize * (shape.Axes[2].Length is 1 or 2 or 4 ? copyCost / V.Count : stepCost) + (double)shape.Output[0] * shape.Output[1] * cut.ColumnBlocks * rowCost);
        // Blocks of each sub-filter along the first two axes.
        double perPhase = (double)shape.Grid[0] * cut.RowBlocks * cut.ColumnBlocks;
        return (double)shape.Batch * shape.Groups * (perPhase * product + written);
    }

    private readonly record struct Block(int Filter, long Depth, int PhaseY, int Row, int Column);

    /// <summary>How an image is cut into blocks of filters, rows and columns of outputs of sub-filters.</summary>
    private readonly struct Cut
    {
        private readonly SubFilterShape shape;

        public Cut(SubFilterShape shape, RowTiling tiling)
        {
            this.shape = shape;
            int width = Math.Max(shape.Grid[2], 1), phases = Math.Max(1, shape.Axes[2].Length);
            ColumnBlocks = (shape.Grid[2] + MostColumns - 1) / MostColumns;
            Columns = ColumnBlocks == 0 ? 0 : (shape.Grid[2] + ColumnBlocks - 1) / ColumnBlocks;
            Rows = ColumnBlocks > 1 ? 1 : Math.Clamp((FewColumns + width - 1) / width, 1, Math.Max(shape.Grid[1], 1));
            RowBlocks = (shape.Grid[1] + Rows - 1) / Rows;
            Count = ColumnBlocks > 1 ? Columns : (long)Rows * width;
            int grain = Math.Max(tiling.Main, 1);
            Filters = (int)Math.Min(Math.Max(shape.Filters, 0), Math.Max(1, NearFloats / (phases * Count * grain)) * grain);
            FilterBlocks = Filters == 0 ? 0 : (shape.Filters + Filters - 1) / Filters;
        }

        public int Filters { get; }
        public int Rows { get; }
        public int Columns { get; }
        public int FilterBlocks { get; }
        public int RowBlocks { get; }
        public int ColumnBlocks { get; }

        /// <summary>Products of a filter.</summary>
        public long Count { get; }

        /// <summary>Products of a block.</summary>
        public long Floats => Filters * Count * shape.Axes[2].Length;

        /// <summary>Blocks of an image.</summary>
        public long PerImage => (long)FilterBlocks * shape.Output[0] * shape.Axes[1].Length * RowBlocks * ColumnBlocks;

        public Block At(long index)
        {
            (index, long column) = Math.DivRem(index, ColumnBlocks);
            (index, long row) = Math.DivRem(index, RowBlocks);
            (index, long phase) = Math.DivRem(index, shape.Axes[1].Length);
            (index, long depth) = Math.DivRem(index, shape.Output[0]);
            return new((int)index * Filters, depth, (int)phase, (int)row * Rows, (int)column * Columns);
        }
    }
}

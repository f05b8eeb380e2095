using Strata.Kernels.Conv;
using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Integer;

/// <summary>
/// <see cref="ConvInteger"/> and <see cref="QLinearConv"/> as a product of filters and patches. First the codes of x are widened
/// and centred, so that padding is zero, and weights packed that were not beforehand.
/// </summary>
internal sealed unsafe class ConvIntegerKernel<V> : IKernel where V : struct, ISimd<V>
{
    private const int Widening = 0, PartElements = 1 << 14;

    private readonly ConvShape shape;
    private readonly IntegerConvOperands operands;
    private readonly IntegerResults<V> results;
    private readonly GemmSplit split;
    private readonly RowTiling tiling;
    private readonly PairLoop<V> loop, lastLoop;
    private readonly PinnedBuffer? packed;
    private readonly int knownBias = -1;
    private readonly long packedGroup, packedAt, loopScratch, count;
    private readonly int wideningParts;

    private ConvIntegerKernel(KernelRequest request, ConvShape shape, IntegerConvOperands operands, IntegerResults<V> results)
    {
        (this.shape, this.operands, this.results) = (shape, operands, results);
        if (operands.Bias >= 0 && request.Has(operands.Bias) && request.Input(operands.Bias).Constant is not null) knownBias = operands.Bias;
        tiling = RowTiling.For(shape.Filters, PairTile.RowCounts);
        packedGroup = tiling.PaddedRows * PairPacking.Pairs(shape.K);
        if (operands.PacksWeights(request)) packed = request.Pack(operands.W, $"pairs.rows.{tiling}.{shape.Groups}.{operands.Parameter(request, operands.WZero)}", tensor => Pack(request, tensor));
        split = new(checked(shape.Batch * shape.Groups), shape.Filters, shape.K, shape.OutputSize, Math.Max(tiling.Main, 1), 2 * V.Count, packsRows: false, packsColumns: true);
        var (block, last) = split.RowBlocks(tiling);
        (loop, lastLoop) = (new(block.Rows, shape.K, block.Tiling), new(last.Rows, shape.K, last.Tiling));
        loopScratch = Math.Max(loop.Scratch, lastLoop.Scratch);
        ScratchBytes = sizeof(float) * loopScratch + PatchPanels.RunBytes(shape, 2 * V.Count);
        count = (long)shape.Batch * shape.Groups * shape.Channels * shape.InputSize;
        wideningParts = (int)Math.Max(1, (count + PartElements - 1) / PartElements);
        packedAt = (count + 15) / 16 * 16;
        SharedBytes = sizeof(float) * (packedAt + (packed is null ? shape.Groups * packedGroup : 0));
    }

    /// <summary>True when the sizes fit.</summary>
    public static bool Supports(KernelRequest request) => IntegerConvOperands.Of(request) is { } operands && operands.Shape(request) is { } shape && operands.AreScalars(request, shape.Groups * shape.Filters);

    /// <summary>Makes the kernel.</summary>
    public static IKernel Create(KernelRequest request)
    {
        var operands = IntegerConvOperands.Of(request)!;
        IntegerResults<V> results = request.Operator is ConvInteger
            ? new PlainSums<V>(request.OutputIndex())
            : new RequantizedSums<V>(new(1, ParameterSpread.One), new(4, request.Input(4).Count == 1 ? ParameterSpread.One : ParameterSpread.PerRow), 6, 7, request.Has(8) ? 8 : -1, request.Has(8) && request.Input(8).Constant is not null ? request.Pack(8, "elements", PinnedBuffer.Of) : null, request.OutputIndex(), request.Output.Type);
        return new ConvIntegerKernel<V>(request, operands.Shape(request)!, operands, results);
    }

    /// <inheritdoc/>
    public int Phases => 2;

    /// <inheritdoc/>
    public long SharedBytes { get; }

    /// <inheritdoc/>
    public long ScratchBytes { get; }

    /// <inheritdoc/>
    public int Parts(int phase) => phase == Widening ? wideningParts + (packed is null ? 1 : 0) : split.Parts;

    /// <inheritdoc/>
    public bool Reads(int input) => input != knownBias && (input != operands.W || packed is null);

    /// <inheritdoc/>
    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        float* wide = (float*)buffers.Shared;
        if (phase != Widening) Multiply(split[part], wide, packed is null ? wide + packedAt : packed.F32, buffers);
        else if (part < wideningParts) Widen(operands.X(buffers), part * (long)PartElements, Math.Min(count, (part + 1L) * PartElements), wide);
        else PackAll(operands.Weights(buffers), (int*)(wide + packedAt));
    }

    private void Multiply(GemmSplit.Part work, float* wide, float* weights, in KernelBuffers buffers)
    {
        float* scratch = (float*)buffers.Scratch, end = wide + count;
        for (int i = work.First; i < work.Last; i++)
        {
            int group = i % shape.Groups;
            float* image = wide + (long)i * shape.Channels * shape.InputSize, rows = weights + group * packedGroup + work.Row * PairPacking.Pairs(shape.K);
            var place = new ResultPlace((long)group * shape.Filters + work.Row, 0, ((long)i * shape.Filters + work.Row) * shape.OutputSize);
            ref readonly var block = ref work.IsLastRow ? ref lastLoop : ref loop;
            if (shape.IsPointwise)
            {
                var panels = new JoinedPairs<StridedPanels>(new(image, shape.InputSize, 1, shape.OutputSize), shape.K);
                block.Run(rows, panels, work.Column, work.End, results, place, shape.OutputSize, scratch, buffers);
            }
            else
            {
                var panels = new JoinedPairs<PatchPanels>(new(shape, image, end, (PatchPanels.Run*)(scratch + loopScratch)), shape.K);
                block.Run(rows, panels, work.Column, work.End, results, place, shape.OutputSize, scratch, buffers);
            }
        }
    }

    private static void Widen(Codes codes, long from, long end, float* to)
    {
        long i = from;
        for (; i <= end - V.Count; i += V.Count) codes.Load<V>(codes.Address + i, 0).Store(to + i);
        int zero = codes.Zero(0);
        for (; i < end; i++) ((int*)to)[i] = codes.Number(codes.Address[i]) - zero;
    }

    private void PackAll(Codes weights, int* target)
    {
        for (int g = 0; g < shape.Groups; g++) PairPacking.Rows(weights.At(weights.Address + g * shape.Filters * shape.K, (long)g * shape.Filters), shape.K, shape.Filters, shape.K, tiling, target + g * packedGroup);
    }

    private PinnedBuffer Pack(KernelRequest request, Tensor weights)
    {
        var rows = new PinnedBuffer(sizeof(int) * shape.Groups * packedGroup);
        var zero = request.Has(operands.WZero) ? request.Input(operands.WZero).Constant!.Materialize() : null;
        fixed (byte* source = weights.Bytes.Span, zeros = zero is null ? [] : zero.Bytes.Span) PackAll(operands.Weights(source, zeros), (int*)rows.Address);
        return rows;
    }
}

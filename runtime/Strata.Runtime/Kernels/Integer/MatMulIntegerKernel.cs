using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Integer;

/// <summary><see cref="MatMulInteger"/> and <see cref="QLinearMatMul"/>: first the rows of a are packed, then products are computed with columns that were packed beforehand, or are while they are used.</summary>
internal sealed unsafe class MatMulIntegerKernel<V> : IKernel where V : struct, ISimd<V>
{
    private const int Packing = 0;

    private readonly MatMulShape shape;
    private readonly IntegerMatMulOperands operands;
    private readonly IntegerResults<V> results;
    private readonly GemmSplit split;
    private readonly RowTiling tiling;
    private readonly PairLoop<V> loop, lastLoop;
    private readonly PinnedBuffer? packed;
    private readonly long packedProduct;

    private MatMulIntegerKernel(KernelRequest request, MatMulShape shape, IntegerMatMulOperands operands, IntegerResults<V> results)
    {
        (this.shape, this.operands, this.results) = (shape, operands, results);
        tiling = RowTiling.For(shape.Rows, PairTile.RowCounts);
        packedProduct = tiling.PaddedRows * PairPacking.Pairs(shape.K);
        if (operands.PacksColumns(request, shape)) packed = request.Pack(operands.B, $"pairs.columns.{V.Count}.{(request.Has(operands.BZero) ? request.Input(operands.BZero).Constant!.Hash.ToString() : "")}", tensor => Pack(request, tensor));
        split = new(shape.Batch, shape.Rows, shape.K, shape.Columns, Math.Max(tiling.Main, 1), 2 * V.Count, packsRows: false, packsColumns: packed is null);
        var (block, last) = split.RowBlocks(tiling);
        (loop, lastLoop) = (new(block.Rows, shape.K, block.Tiling), new(last.Rows, shape.K, last.Tiling));
        ScratchBytes = sizeof(float) * Math.Max(loop.Scratch, lastLoop.Scratch);
        SharedBytes = sizeof(float) * shape.Batch * packedProduct;
    }

    /// <summary>True when codes are integers, and parameters are one for all, per row of a single matrix a, or per column of b.</summary>
    public static bool Supports(KernelRequest request) => IntegerMatMulOperands.Of(request) is { } operands && operands.Shape(request) is { } shape && operands.Fit(request, shape);

    /// <summary>Makes the kernel.</summary>
    public static IKernel Create(KernelRequest request)
    {
        var operands = IntegerMatMulOperands.Of(request)!;
        IntegerResults<V> results = request.Operator is MatMulInteger
            ? new PlainSums<V>(request.OutputIndex())
            : new RequantizedSums<V>(new(1, request.Input(1).Count == 1 ? ParameterSpread.One : ParameterSpread.PerRow), new(4, request.Input(4).Count == 1 ? ParameterSpread.One : ParameterSpread.PerColumn), 6, 7, -1, null, request.OutputIndex(), request.Output.Type);
        return new MatMulIntegerKernel<V>(request, operands.Shape(request)!, operands, results);
    }

    /// <inheritdoc/>
    public int Phases => 2;

    /// <inheritdoc/>
    public long SharedBytes { get; }

    /// <inheritdoc/>
    public long ScratchBytes { get; }

    /// <inheritdoc/>
    public int Parts(int phase) => phase == Packing ? Math.Max(1, shape.Batch) : split.Parts;

    /// <inheritdoc/>
    public bool Reads(int input) => input != operands.B || packed is null;

    /// <inheritdoc/>
    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        float* rows = (float*)buffers.Shared;
        if (phase == Packing)
        {
            if (part >= shape.Batch) return;
            var a = operands.A(buffers);
            PairPacking.Rows(a.At(a.Address + shape.OffsetA(part), 0), shape.K, shape.Rows, shape.K, tiling, (int*)(rows + part * packedProduct));
            return;
        }
        var work = split[part];
        for (int i = work.First; i < work.Last; i++)
        {
            float* from = rows + i * packedProduct + work.Row * PairPacking.Pairs(shape.K);
            var place = new ResultPlace(work.Row, 0, ((long)i * shape.Rows + work.Row) * shape.Columns);
            ref readonly var block = ref work.IsLastRow ? ref lastLoop : ref loop;
            if (packed is not null) block.Run(from, new PackedPairs(packed.F32, shape.K), work.Column, work.End, results, place, shape.Columns, (float*)buffers.Scratch, buffers);
            else
            {
                var b = operands.Columns(buffers);
                block.Run(from, new CodePairs(b.At(b.Address + shape.OffsetB(i), 0), shape.K, shape.Columns), work.Column, work.End, results, place, shape.Columns, (float*)buffers.Scratch, buffers);
            }
        }
    }

    private PinnedBuffer Pack(KernelRequest request, Tensor weights)
    {
        var columns = new PinnedBuffer(sizeof(float) * PackedPairs.Size<V>(shape.K, shape.Columns));
        var zero = request.Has(operands.BZero) ? request.Input(operands.BZero).Constant!.Materialize() : null;
        fixed (byte* source = weights.Bytes.Span, zeros = zero is null ? [] : zero.Bytes.Span) PackedPairs.Pack<V>(operands.Columns(source, zeros), shape.K, shape.Columns, columns.F32);
        return columns;
    }
}

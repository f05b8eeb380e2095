using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.MatMul;

/// <summary>
/// f32 <see cref="Operators.MatMul"/> and <see cref="Gemm"/>. A constant right operand without batch dimensions is packed
/// once; whatever else there is, is packed while it is used.
/// </summary>
internal sealed unsafe class MatMulKernel<V> : IKernel where V : struct, ISimd<V>
{
    private readonly MatMulShape shape;
    private readonly GemmSplit split;
    private readonly GemmLoop loop, lastLoop;
    private readonly PinnedBuffer? packed;
    private readonly GemmAddend addend;

    private MatMulKernel(MatMulShape shape, GemmAddend addend, PinnedBuffer? packed, Epilogue epilogue)
    {
        (this.shape, this.packed, this.addend) = (shape, packed, addend);
        var tiling = RowTiling.For(shape.Rows, GemmTiles<V>.RowCounts);
        split = new(shape.Batch, shape.Rows, shape.K, shape.Columns, Math.Max(tiling.Main, 1), GemmTiles<V>.Width, packsRows: true, packsColumns: packed is null);
        var (least, most, rest) = epilogue.TakeClamp();
        (loop, lastLoop) = split.Loops(shape.K, tiling, least, most, rest);
        ScratchBytes = sizeof(float) * Math.Max(loop.Scratch<V>(true, packed is null), lastLoop.Scratch<V>(true, packed is null));
    }

    /// <summary>True for products of f32.</summary>
    public static bool Supports(KernelRequest request) => request.IsAll(ElementType.Float32) && request.Operator is Operators.MatMul or Gemm && MatMulShape.Of(request) is not null;

    /// <summary>Makes the kernel.</summary>
    public static IKernel Create(KernelRequest request)
    {
        var shape = MatMulShape.Of(request)!;
        var packed = request.Input(1).Constant is null || shape.HasBatchedColumns ? null
            : request.Pack(1, $"gemm.columns.{GemmTiles<V>.Width}.{shape.KStrideB}.{shape.ColumnStride}", tensor => Pack(shape, tensor));
        return new MatMulKernel<V>(shape, GemmAddend.Of(request, shape), packed, request.Epilogue);
    }

    /// <inheritdoc/>
    public long ScratchBytes { get; }

    /// <inheritdoc/>
    public int Parts(int phase) => split.Parts;

    /// <inheritdoc/>
    public bool Reads(int input) => input != 1 || packed is null;

    /// <inheritdoc/>
    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        var work = split[part];
        float* a = buffers.F32(0), c = buffers.F32(shape.OutputIndex);
        for (int i = work.First; i < work.Last; i++)
        {
            var rows = new GemmRows(a + shape.OffsetA(i) + work.Row * shape.RowStride, Math.Max(shape.RowStride, 1), shape.KStrideA, shape.Scale);
            long offset = (long)i * shape.Rows * shape.Columns + work.Row * shape.Columns;
            var target = new GemmTarget(c + offset, shape.Columns, offset);
            var start = addend.Start(buffers, work.Row);
            ref readonly var block = ref work.IsLastRow ? ref lastLoop : ref loop;
            if (packed is not null) block.Run<V, PackedPanels>(rows, new(packed.F32, shape.K), work.Column, work.End, start, target, (float*)buffers.Scratch, buffers);
            else block.Run<V, StridedPanels>(rows, new(buffers.F32(1) + shape.OffsetB(i), shape.KStrideB, shape.ColumnStride, shape.Columns), work.Column, work.End, start, target, (float*)buffers.Scratch, buffers);
        }
    }

    private static PinnedBuffer Pack(MatMulShape shape, Tensor tensor)
    {
        var packed = new PinnedBuffer(sizeof(float) * shape.K * GemmPacking.PaddedColumns<V>(shape.Columns));
        fixed (float* source = tensor.Span<float>()) GemmPacking.Columns<V>(source, shape.KStrideB, shape.ColumnStride, shape.K, shape.Columns, packed.F32);
        return packed;
    }
}

using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;
using Strata.Tensors;

namespace Strata.Kernels.Conv;

/// <summary>
/// f32 <see cref="Operators.Conv"/> as a product: filters <c>[M, C · taps]</c> times patches <c>[C · taps, outputs]</c> for each
/// image and group. Constant filters are packed once; patches are packed panel by panel while they are used.
/// </summary>
internal sealed unsafe class ConvKernel<V> : IKernel where V : struct, ISimd<V>
{
    private readonly ConvShape shape;
    private readonly GemmSplit split;
    private readonly GemmLoop loop, lastLoop;
    private readonly PinnedBuffer? packed;
    private readonly long packedGroup, loopScratch;
    private readonly bool hasBias;
    private readonly int outputIndex;

    private ConvKernel(KernelRequest request, ConvShape shape)
    {
        (this.shape, hasBias, outputIndex) = (shape, request.Has(2), request.OutputIndex());
        var tiling = RowTiling.For(shape.Filters, GemmTiles<V>.RowCounts);
        packedGroup = tiling.PaddedRows * GemmPacking.PaddedDepth(shape.K);
        if (request.Input(1).Constant is not null) packed = request.Pack(1, $"gemm.rows.{tiling}.{shape.Groups}", tensor => Pack(tensor, tiling));
        split = new(checked(shape.Batch * shape.Groups), shape.Filters, shape.K, shape.OutputSize, Math.Max(tiling.Main, 1), GemmTiles<V>.Width, packsRows: packed is null, packsColumns: true);
        var (least, most, rest) = request.Epilogue.TakeClamp();
        (loop, lastLoop) = split.Loops(shape.K, tiling, least, most, rest);
        loopScratch = Math.Max(loop.Scratch<V>(packed is null, true), lastLoop.Scratch<V>(packed is null, true));
        ScratchBytes = sizeof(float) * loopScratch + PatchPanels.RunBytes(shape, GemmTiles<V>.Width);
    }

    /// <summary>True for convolutions of f32 over up to three axes.</summary>
    public static bool Supports(KernelRequest request) => request.IsAll(ElementType.Float32) && ConvShape.Of(request) is not null;

    /// <summary>Makes the kernel.</summary>
    public static IKernel Create(KernelRequest request) => new ConvKernel<V>(request, ConvShape.Of(request)!);

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
        float* x = buffers.F32(0), y = buffers.F32(outputIndex), scratch = (float*)buffers.Scratch;
        for (int i = work.First; i < work.Last; i++)
        {
            int group = i % shape.Groups, filter = group * shape.Filters + work.Row;
            float* image = x + (long)i * shape.Channels * shape.InputSize;
            var rows = packed is not null
                ? new GemmRows(packed.F32 + group * packedGroup + work.Row * GemmPacking.PaddedDepth(shape.K))
                : new GemmRows(buffers.F32(1) + filter * shape.K, Math.Max(shape.K, 1));
            var start = hasBias ? new GemmStart(buffers.F32(2) + filter, 1) : default;
            long offset = ((long)i * shape.Filters + work.Row) * shape.OutputSize;
            var target = new GemmTarget(y + offset, shape.OutputSize, offset);
            ref readonly var block = ref work.IsLastRow ? ref lastLoop : ref loop;
            if (shape.IsPointwise)
            {
                block.Run<V, StridedPanels>(rows, new(image, shape.InputSize, 1, shape.OutputSize), work.Column, work.End, start, target, scratch, buffers);
            }
            else
            {
                float* end = x + (long)shape.Batch * shape.Groups * shape.Channels * shape.InputSize;
                block.Run<V, PatchPanels>(rows, new(shape, image, end, (PatchPanels.Run*)(scratch + loopScratch)), work.Column, work.End, start, target, scratch, buffers);
            }
        }
    }

    private PinnedBuffer Pack(Tensor filters, RowTiling tiling)
    {
        var rows = new PinnedBuffer(sizeof(float) * shape.Groups * packedGroup);
        fixed (float* source = filters.Span<float>())
        {
            for (int g = 0; g < shape.Groups; g++) GemmPacking.Rows<V>(source + g * shape.Filters * shape.K, shape.K, 1, shape.Filters, shape.K, 1, tiling, rows.F32 + g * packedGroup);
        }
        return rows;
    }
}

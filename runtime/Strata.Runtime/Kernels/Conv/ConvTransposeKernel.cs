using System.Runtime.CompilerServices;
using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;
using Strata.Tensors;

namespace Strata.Kernels.Conv;

/// <summary>
/// f32 <see cref="Operators.ConvTranspose"/>, image by image: a product <c>[channels · taps, C] × [C, inputs]</c> gives what each
/// input adds to the outputs, tap by tap; then each row of outputs sums what belongs to it. The shape is that of the
/// convolution that is transposed: its input is the result here, its channels are the result's, its filters the operand's.
/// </summary>
internal sealed unsafe class ConvTransposeKernel<V> : IKernel where V : struct, ISimd<V>
{
    // Sums of a part; results that go through the epilogue while hot.
    private const int PartSums = 1 << 16, HotResults = 4096;
    // More terms of an image are left to the reference evaluation.
    private const double MostTerms = 1 << 28;

    private readonly ConvShape shape;
    private readonly GemmSplit split;
    private readonly GemmLoop loop, lastLoop;
    private readonly TransposedRow row;
    private readonly PinnedBuffer? packed;
    private readonly Epilogue epilogue;
    private readonly int products, outputIndex;
    private readonly long packedGroup, rows, rowStep;
    private readonly bool hasBias;

    private ConvTransposeKernel(KernelRequest request, ConvShape shape)
    {
        (this.shape, epilogue, hasBias, outputIndex) = (shape, request.Epilogue, request.Has(2), request.OutputIndex());
        products = checked(shape.Channels * shape.Taps);
        var tiling = RowTiling.For(products, GemmTiles<V>.RowCounts);
        packedGroup = tiling.PaddedRows * GemmPacking.PaddedDepth(shape.Filters);
        if (request.Input(1).Constant is not null) packed = request.Pack(1, $"gemm.transposed.{tiling}.{shape.Groups}", tensor => Pack(tensor, tiling));
        split = new(shape.Groups, products, shape.Filters, shape.OutputSize, Math.Max(tiling.Main, 1), GemmTiles<V>.Width, packsRows: packed is null, packsColumns: true);
        (loop, lastLoop) = split.Loops(shape.Filters, tiling, float.NegativeInfinity, float.PositiveInfinity, Epilogue.None);
        row = new(shape, V.Count);
        rows = (long)shape.Groups * shape.Channels * shape.Input[0] * shape.Input[1];
        rowStep = Math.Max(1, PartSums / Math.Max(1, shape.Input[2] * (1L + (long)shape.Taps * shape.OutputSize / Math.Max(1, shape.InputSize))));
        ScratchBytes = sizeof(float) * Math.Max(row.Floats, Math.Max(loop.Scratch<V>(packed is null, true), lastLoop.Scratch<V>(packed is null, true)));
    }

    /// <summary>True for transposed convolutions of f32 over up to three axes that are not too large.</summary>
    public static bool Supports(KernelRequest request) =>
        request.IsAll(ElementType.Float32) && ConvShape.OfTransposed(request) is { } shape && (double)shape.Groups * shape.Channels * shape.Taps * Math.Max(1, shape.OutputSize) <= MostTerms && shape.Input[2] <= MostTerms / V.Count;

    /// <summary>Makes the kernel.</summary>
    public static IKernel Create(KernelRequest request) => new ConvTransposeKernel<V>(request, ConvShape.OfTransposed(request)!);

    /// <inheritdoc/>
    public int Phases => 2 * shape.Batch;

    /// <inheritdoc/>
    public long SharedBytes => sizeof(float) * (long)shape.Groups * products * shape.OutputSize;

    /// <inheritdoc/>
    public long ScratchBytes { get; }

    /// <inheritdoc/>
    public int Parts(int phase) => phase % 2 == 0 ? split.Parts : (int)Math.Max(1, (rows + rowStep - 1) / rowStep);

    /// <inheritdoc/>
    public bool Reads(int input) => input != 1 || packed is null;

    /// <inheritdoc/>
    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        if (phase % 2 == 0) Multiply(phase / 2, split[part], buffers);
        else Sum(phase / 2, part * rowStep, Math.Min(rows, (part + 1L) * rowStep), buffers);
    }

    private void Multiply(int image, in GemmSplit.Part work, in KernelBuffers buffers)
    {
        for (int g = work.First; g < work.Last; g++)
        {
            float* x = buffers.F32(0) + ((long)image * shape.Groups + g) * shape.Filters * shape.OutputSize;
            var weights = packed is not null
                ? new GemmRows(packed.F32 + g * packedGroup + work.Row * GemmPacking.PaddedDepth(shape.Filters))
                : new GemmRows(buffers.F32(1) + (long)g * shape.Filters * products + work.Row, 1, products);
            long offset = ((long)g * products + work.Row) * shape.OutputSize;
            var target = new GemmTarget((float*)buffers.Shared + offset, shape.OutputSize, offset);
            ref readonly var block = ref work.IsLastRow ? ref lastLoop : ref loop;
            block.Run<V, StridedPanels>(weights, new(x, shape.OutputSize, 1, shape.OutputSize), work.Column, work.End, default, target, (float*)buffers.Scratch, buffers);
        }
    }

    private void Sum(int image, long first, long last, in KernelBuffers buffers)
    {
        int perChannel = shape.Input[0] * shape.Input[1], width = shape.Input[2];
        float* y = buffers.F32(outputIndex);
        long hot = (image * rows + first) * width, at = hot;
        for (long i = first; i < last; i++, at += width)
        {
            if (at - hot >= HotResults)
            {
                epilogue.Apply(y + hot, hot, (int)(at - hot), buffers);
                hot = at;
            }
            var (channel, line) = Math.DivRem(i, perChannel);
            float* terms = (float*)buffers.Shared + channel * shape.Taps * shape.OutputSize;
            row.Sum<V>(terms, hasBias ? buffers.F32(2)[channel] : 0, (int)(line / shape.Input[1]), (int)(line % shape.Input[1]), y + at, (float*)buffers.Scratch);
        }
        epilogue.Apply(y + hot, hot, (int)(at - hot), buffers);
    }

    private PinnedBuffer Pack(Tensor weights, RowTiling tiling)
    {
        var rows = new PinnedBuffer(sizeof(float) * shape.Groups * packedGroup);
        fixed (float* source = weights.Span<float>())
        {
            for (int g = 0; g < shape.Groups; g++) GemmPacking.Rows<V>(source + (long)g * shape.Filters * products, 1, products, products, shape.Filters, 1, tiling, rows.F32 + g * packedGroup);
        }
        return rows;
    }
}

using Strata.Operators;

namespace Strata.Kernels.MatMul;

/// <summary>What a product is added to: the third operand of <see cref="Gemm"/>, broadcast to <c>[M, N]</c>, times beta.</summary>
internal readonly unsafe struct GemmAddend
{
    private readonly long rowStride, columnStride;
    private readonly float factor;
    private readonly bool isThere;

    private GemmAddend(int[] dims, float factor)
    {
        (this.factor, isThere) = (factor, true);
        int columns = dims.Length > 0 ? dims[^1] : 1;
        columnStride = columns > 1 ? 1 : 0;
        rowStride = dims.Length > 1 && dims[0] > 1 ? columns : 0;
    }

    /// <summary>The addend of a layer.</summary>
    /// <exception cref="InvalidNetworkException">It does not broadcast to the product.</exception>
    public static GemmAddend Of(KernelRequest request, MatMulShape shape)
    {
        if (request.Operator is not Gemm gemm || !request.Has(2)) return default;
        int[] dims = request.Input(2).Dims;
        if (dims.Length > 2 || dims.Length > 0 && dims[^1] != 1 && dims[^1] != shape.Columns || dims.Length > 1 && dims[0] != 1 && dims[0] != shape.Rows)
            throw new InvalidNetworkException($"the addend [{Tensors.Tensor.Format(dims)}] does not broadcast to [{shape.Rows}, {shape.Columns}]");
        return new(dims, gemm.Beta);
    }

    /// <summary>Where the sums of the rows from <paramref name="row"/> on start.</summary>
    public GemmStart Start(in KernelBuffers buffers, int row) => isThere ? new(buffers.F32(2) + row * rowStride, rowStride, columnStride, factor) : default;
}

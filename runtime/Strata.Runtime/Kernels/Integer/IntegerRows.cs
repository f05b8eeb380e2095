using Strata.Kernels.Conv;
using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Integer;

/// <summary>The rows of products and convolutions of 8-bit codes, by vector width, and of what quantises by its own range.</summary>
internal static class IntegerRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        .. Rows<F512>("v512", SimdLevel.Vector512, 80),
        .. Rows<F256>("v256", SimdLevel.Vector256, 40),
        .. Rows<F128>("v128", SimdLevel.Vector128, 20),
        .. Rows<F32>("scalar", SimdLevel.Scalar, 1),
        new()
        {
            Name = "dynamicquantize",
            Operator = typeof(DynamicQuantizeLinear),
            Supports = static r => r.Input(0).Type == ElementType.Float32 && r.Outputs.Count == 3,
            Cost = static r => 100 + 0.5 * r.Input(0).Count,
            Create = static r => new DynamicQuantizeKernel(r),
        },
    ];

    private static KernelRow[] Rows<V>(string width, SimdLevel needs, double multiplicationsPerNanosecond) where V : struct, ISimd<V>
    {
        return
        [
            MatMul<MatMulInteger>("matmulinteger"),
            MatMul<QLinearMatMul>("qlinearmatmul"),
            Conv<ConvInteger>("convinteger"),
            Conv<QLinearConv>("qlinearconv"),
        ];

        KernelRow MatMul<TOperator>(string name) => new()
        {
            Name = $"{name}.{width}",
            Operator = typeof(TOperator),
            Needs = needs,
            Supports = MatMulIntegerKernel<V>.Supports,
            Cost = r => 200 + (double)r.Output.Count * r.Input(0).Dims[^1] / multiplicationsPerNanosecond,
            Create = MatMulIntegerKernel<V>.Create,
        };

        KernelRow Conv<TOperator>(string name) => new()
        {
            Name = $"{name}.{width}",
            Operator = typeof(TOperator),
            Needs = needs,
            Supports = ConvIntegerKernel<V>.Supports,
            Cost = r => ConvCost(IntegerConvOperands.Of(r)!.Shape(r)!),
            Create = ConvIntegerKernel<V>.Create,
        };

        double ConvCost(ConvShape shape)
        {
            const double patchCost = 3;
            double elements = (double)shape.Batch * shape.Groups * shape.K * ((shape.OutputSize + 2 * V.Count - 1) / (2 * V.Count) * (2 * V.Count));
            return 300 + elements * (RowTiling.For(shape.Filters, PairTile.RowCounts).PaddedRows / multiplicationsPerNanosecond + patchCost / V.Count);
        }
    }
}

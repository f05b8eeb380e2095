using Strata.Kernels.Simd;
using Strata.Operators;

namespace Strata.Kernels.MatMul;

/// <summary>The rows of matrix products, one per operator and vector width.</summary>
internal static class MatMulRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        .. Widths(typeof(Operators.MatMul), "matmul"),
        .. Widths(typeof(Gemm), "gemm"),
    ];

    private static KernelRow[] Widths(Type type, string name) =>
    [
        Row<F512>(type, $"{name}.v512", SimdLevel.Vector512, 55),
        Row<F256>(type, $"{name}.v256", SimdLevel.Vector256, 30),
        Row<F128>(type, $"{name}.v128", SimdLevel.Vector128, 15),
        Row<F32>(type, $"{name}.scalar", SimdLevel.Scalar, 2),
    ];

    private static KernelRow Row<V>(Type type, string name, SimdLevel needs, double multiplicationsPerNanosecond) where V : struct, ISimd<V> => new()
    {
        Name = name,
        Operator = type,
        Needs = needs,
        TakesEpilogue = true,
        Supports = MatMulKernel<V>.Supports,
        Cost = request => 100 + (double)request.Output.Count * Depth(request) / multiplicationsPerNanosecond,
        Create = MatMulKernel<V>.Create,
    };

    private static int Depth(KernelRequest request) => request.Operator is Gemm { TransA: true } ? request.Input(0).Dims[0] : request.Input(0).Dims[^1];
}

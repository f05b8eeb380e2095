using Strata.Kernels.Simd;

namespace Strata.Kernels.Conv;

/// <summary>The rows of convolutions, one per vector width.</summary>
internal static class ConvRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        Row<F512>("conv.v512", SimdLevel.Vector512, 45),
        Row<F256>("conv.v256", SimdLevel.Vector256, 25),
        Row<F128>("conv.v128", SimdLevel.Vector128, 12),
        Row<F32>("conv.scalar", SimdLevel.Scalar, 2),
    ];

    private static KernelRow Row<V>(string name, SimdLevel needs, double multiplicationsPerNanosecond) where V : struct, ISimd<V> => new()
    {
        Name = name,
        Operator = typeof(Operators.Conv),
        Needs = needs,
        TakesEpilogue = true,
        Supports = ConvKernel<V>.Supports,
        Cost = request => 200 + (double)request.Output.Count * ConvShape.Of(request)!.K / multiplicationsPerNanosecond,
        Create = ConvKernel<V>.Create,
    };
}

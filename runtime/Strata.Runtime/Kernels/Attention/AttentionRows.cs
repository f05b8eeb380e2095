using Strata.Kernels.Simd;

namespace Strata.Kernels.Attention;

/// <summary>The rows of attention, by vector width.</summary>
internal static class AttentionRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        Row<F512>("attention.v512", SimdLevel.Vector512, 55),
        Row<F256>("attention.v256", SimdLevel.Vector256, 25),
        Row<F128>("attention.v128", SimdLevel.Vector128, 12),
        Row<F32>("attention.scalar", SimdLevel.Scalar, 2),
    ];

    private static KernelRow Row<V>(string name, SimdLevel needs, double multiplicationsPerNanosecond) where V : struct, ISimd<V> => new()
    {
        Name = name,
        Operator = typeof(Operators.Attention),
        Needs = needs,
        Supports = AttentionKernel<V>.Supports,
        Cost = request => Cost(AttentionShape.Of(request)!, V.Count, multiplicationsPerNanosecond),
        Create = AttentionKernel<V>.Create,
    };

    private static double Cost(AttentionShape shape, int width, double multiplicationsPerNanosecond)
    {
        const double exponentialCost = 4;
        double scores = (double)shape.Batch * shape.Heads * shape.Rows * shape.Total;
        return 300 + scores * ((shape.Size + shape.ValueSize) / multiplicationsPerNanosecond + exponentialCost / width) + (double)shape.Batch * shape.KvHeads * shape.Total * (shape.Size + shape.ValueSize) / width;
    }
}

using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Reduction;

/// <summary>The rows of f32 reductions over axes that lie side by side.</summary>
internal static class ReductionRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        .. Widths<SumOf>(typeof(ReduceSum)),
        .. Widths<MeanOf>(typeof(ReduceMean)),
        .. Widths<ProductOf>(typeof(ReduceProd)),
        .. Widths<LargestOf>(typeof(ReduceMax)),
        .. Widths<LeastOf>(typeof(ReduceMin)),
        .. Widths<MagnitudeOf>(typeof(ReduceL1)),
        .. Widths<LengthOf>(typeof(ReduceL2)),
        .. Widths<SquaresOf>(typeof(ReduceSumSquare)),
        .. Widths<LogOfSum>(typeof(ReduceLogSum)),
    ];

    /// <summary>The rows of an operator that reduces data <c>[outer, reduced, inner]</c>; null extents where it does not.</summary>
    public static KernelRow[] Widths<TOp>(Type type, Func<KernelRequest, (int Outer, int Reduced, int Inner)?> extents) where TOp : IReducer =>
    [
        Row<TOp, F512>(type, extents, "v512", SimdLevel.Vector512, 0.1),
        Row<TOp, F256>(type, extents, "v256", SimdLevel.Vector256, 0.15),
        Row<TOp, F128>(type, extents, "v128", SimdLevel.Vector128, 0.3),
        Row<TOp, F32>(type, extents, "scalar", SimdLevel.Scalar, 1),
    ];

    private static KernelRow[] Widths<TOp>(Type type) where TOp : IReducer => Widths<TOp>(type, Extents);

    private static KernelRow Row<TOp, V>(Type type, Func<KernelRequest, (int Outer, int Reduced, int Inner)?> extents, string width, SimdLevel needs, double cost) where TOp : IReducer where V : struct, ISimd<V> => new()
    {
        Name = $"{type.Name.ToLowerInvariant()}.{width}",
        Operator = type,
        Needs = needs,
        Supports = r => r.Input(0).Type == ElementType.Float32 && extents(r) is not null,
        Cost = r => 50 + cost * r.Input(0).Count,
        Create = r => extents(r) is var (outer, reduced, inner) ? new ReductionKernel<TOp, V>(outer, reduced, inner, r.OutputIndex()) : throw new InvalidNetworkException("a reduction over scattered axes has no kernel"),
    };

    // Data as [outer, reduced, inner]; null where the axes are not fixed or not side by side.
    private static (int Outer, int Reduced, int Inner)? Extents(KernelRequest request)
    {
        var data = request.Input(0);
        if (request.Has(1) && request.Input(1).Constant is null) return null;
        long[] given = request.Has(1) ? request.Input(1).Constant!.Materialize().ToInt64s() : [];
        int[] axes = given.Length > 0 ? AxisList.Resolve(given, data.Rank) : ((Operators.Reduction)request.Operator).NoopWithEmptyAxes ? [] : [.. Enumerable.Range(0, data.Rank)];
        if (axes.Length == 0) return (data.Count, 1, 1);
        int first = axes.Min(), last = axes.Max();
        for (int d = first; d <= last; d++)
        {
            if (!axes.Contains(d) && data.Dims[d] != 1) return null;
        }
        return (Tensor.CountOf(data.Dims.AsSpan(0, first)), Tensor.CountOf(data.Dims.AsSpan(first, last - first + 1)), Tensor.CountOf(data.Dims.AsSpan(last + 1)));
    }
}

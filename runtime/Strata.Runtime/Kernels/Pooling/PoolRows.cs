using Strata.Kernels.Reduction;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Kernels.Pooling;

/// <summary>The rows of f32 pooling, over windows and over whole channels.</summary>
internal static class PoolRows
{
    // Larger windows would take longer to count than to pool.
    private const long MostCounted = 1 << 20;

    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        .. Widths<MeanOf>(typeof(AveragePool), "averagepool"),
        .. Widths<LargestOf>(typeof(MaxPool), "maxpool"),
        .. ReductionRows.Widths<MeanOf>(typeof(GlobalAveragePool), Channels),
        .. ReductionRows.Widths<LargestOf>(typeof(GlobalMaxPool), Channels),
    ];

    private static (int Outer, int Reduced, int Inner)? Channels(KernelRequest request) => (Tensor.CountOf(request.Input(0).Dims.AsSpan(0, 2)), Tensor.CountOf(request.Input(0).Dims.AsSpan(2)), 1);

    private static KernelRow[] Widths<TOp>(Type type, string name) where TOp : IReducer =>
    [
        Row<TOp, F512>(type, $"{name}.v512", SimdLevel.Vector512, 0.3),
        Row<TOp, F256>(type, $"{name}.v256", SimdLevel.Vector256, 0.4),
        Row<TOp, F128>(type, $"{name}.v128", SimdLevel.Vector128, 0.5),
        Row<TOp, F32>(type, $"{name}.scalar", SimdLevel.Scalar, 1),
    ];

    private static KernelRow Row<TOp, V>(Type type, string name, SimdLevel needs, double cost) where TOp : IReducer where V : struct, ISimd<V> => new()
    {
        Name = name,
        Operator = type,
        Needs = needs,
        TakesEpilogue = true,
        Supports = r => r.IsAll(ElementType.Float32) && r.Outputs.Skip(1).All(o => o is null) && r.Input(0).Rank is > 2 and <= PoolKernel<TOp, V>.Axes + 2 && IsCountable(Geometry(r)),
        Cost = r => 100 + cost * r.Output.Count * ((Operators.Pooling)r.Operator).Window.KernelShape.Aggregate(1.0, static (a, k) => a * k),
        Create = Create<TOp, V>,
    };

    private static IKernel Create<TOp, V>(KernelRequest request) where TOp : IReducer where V : struct, ISimd<V>
    {
        var window = Geometry(request);
        int[][] counts = PoolAxis.CountsOf(request.Operator is AveragePool { CountIncludePad: true } ? window.WithPaddingAsInput() : window);
        return new PoolKernel<TOp, V>(Tensor.CountOf(request.Input(0).Dims.AsSpan(0, 2)), window, counts, request.OutputIndex(), request.Epilogue);
    }

    /// <summary>The kernel of <see cref="AveragePool"/> that sums in order.</summary>
    public static IKernel OrderedMean(KernelRequest request)
    {
        var window = Geometry(request);
        int[][] counts = PoolAxis.CountsOf(((AveragePool)request.Operator).CountIncludePad ? window.WithPaddingAsInput() : window);
        int planes = Tensor.CountOf(request.Input(0).Dims.AsSpan(0, 2)), output = request.OutputIndex();
        return KernelTable.Level switch
        {
            SimdLevel.Vector512 => new OrderedMeanKernel<F512>(planes, window, counts, output),
            SimdLevel.Vector256 => new OrderedMeanKernel<F256>(planes, window, counts, output),
            SimdLevel.Vector128 => new OrderedMeanKernel<F128>(planes, window, counts, output),
            _ => new OrderedMeanKernel<F32>(planes, window, counts, output),
        };
    }

    private static bool IsCountable(WindowGeometry window) => window.Output.Zip(window.Kernel).All(static p => (long)p.First * p.Second <= MostCounted);

    private static WindowGeometry Geometry(KernelRequest request)
    {
        var op = (Operators.Pooling)request.Operator;
        return WindowGeometry.For(op.Window, request.Input(0).Dims[2..], [.. op.Window.KernelShape.Select(k => (int)k)], op.CeilMode);
    }
}

using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Ranking;

/// <summary>The rows of layers that search, sort or add up along one axis.</summary>
internal static class RankingRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        Row(typeof(ArgMax), "argmax", static r => Extreme(r, largest: true)),
        Row(typeof(ArgMin), "argmin", static r => Extreme(r, largest: false)),
        Row(typeof(TopK), "topk", Top),
        Row(typeof(CumSum), "cumsum", static r => Cumulate(r, product: false)),
        Row(typeof(CumProd), "cumprod", static r => Cumulate(r, product: true)),
    ];

    private static KernelRow Row(Type type, string name, Func<KernelRequest, IKernel?> make) => new()
    {
        Name = name,
        Operator = type,
        Supports = r => make(r) is not null,
        Cost = static r => 50 + 2.0 * r.Input(0).Count,
        Create = r => make(r)!,
    };

    private static (int Outer, int Extent, int Inner) Around(KernelOperand data, long axis)
    {
        int at = (int)(axis < 0 ? axis + data.Rank : axis);
        return (Tensor.CountOf(data.Dims.AsSpan(0, at)), data.Dims[at], Tensor.CountOf(data.Dims.AsSpan(at + 1)));
    }

    private static IKernel? Extreme(KernelRequest request, bool largest)
    {
        var op = (ArgExtreme)request.Operator;
        var (outer, extent, inner) = Around(request.Input(0), op.Axis);
        int output = request.OutputIndex();
        if (extent == 0) return null; // nothing to choose from: the reference evaluation says so
        return request.Input(0).Type switch
        {
            ElementType.Float32 => new ArgExtremeKernel<float>(outer, extent, inner, largest, op.SelectLastIndex, output),
            ElementType.Float64 => new ArgExtremeKernel<double>(outer, extent, inner, largest, op.SelectLastIndex, output),
            ElementType.Float16 => new ArgExtremeKernel<Half>(outer, extent, inner, largest, op.SelectLastIndex, output),
            ElementType.Int32 => new ArgExtremeKernel<int>(outer, extent, inner, largest, op.SelectLastIndex, output),
            ElementType.Int64 => new ArgExtremeKernel<long>(outer, extent, inner, largest, op.SelectLastIndex, output),
            ElementType.Int8 => new ArgExtremeKernel<sbyte>(outer, extent, inner, largest, op.SelectLastIndex, output),
            ElementType.UInt8 => new ArgExtremeKernel<byte>(outer, extent, inner, largest, op.SelectLastIndex, output),
            _ => null,
        };
    }

    private static IKernel? Top(KernelRequest request)
    {
        var op = (TopK)request.Operator;
        if (request.Outputs.FirstOrDefault(o => o is not null) is not { } shown) return null;
        var (outer, extent, inner) = Around(request.Input(0), op.Axis);
        int k = Around(shown, op.Axis).Extent, output = request.OutputIndex();
        if (request.Outputs.Count < 2) return null;
        return request.Input(0).Type switch
        {
            ElementType.Float32 => new TopKKernel<float>(outer, extent, inner, k, op.Largest, output),
            ElementType.Float64 => new TopKKernel<double>(outer, extent, inner, k, op.Largest, output),
            ElementType.Int32 => new TopKKernel<int>(outer, extent, inner, k, op.Largest, output),
            ElementType.Int64 => new TopKKernel<long>(outer, extent, inner, k, op.Largest, output),
            _ => null,
        };
    }

    private static IKernel? Cumulate(KernelRequest request, bool product)
    {
        var op = (Cumulation)request.Operator;
        if (request.Input(1).Constant is not { Count: 1 } given) return null;
        var (outer, extent, inner) = Around(request.Input(0), given.Materialize().ToInt64s()[0]);
        int output = request.OutputIndex();
        return request.Input(0).Type switch
        {
            ElementType.Float32 => new CumulationKernel<float, double>(outer, extent, inner, product, op.Exclusive, op.Reverse, output),
            ElementType.Float64 => new CumulationKernel<double, double>(outer, extent, inner, product, op.Exclusive, op.Reverse, output),
            ElementType.Int32 => new CumulationKernel<int, int>(outer, extent, inner, product, op.Exclusive, op.Reverse, output),
            ElementType.Int64 => new CumulationKernel<long, long>(outer, extent, inner, product, op.Exclusive, op.Reverse, output),
            _ => null,
        };
    }
}

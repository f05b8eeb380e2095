using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Movement;

/// <summary>The rows of layers that move elements to or from places that indices tell.</summary>
internal static class IndexedRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        Row(typeof(GatherElements), "gather-elements", static r => Gather(r, Places.OfElements(r.Input(0), r.Input(1), ((GatherElements)r.Operator).Axis))),
        Row(typeof(GatherND), "gather-nd", static r => Gather(r, Places.OfTuples(r.Input(0), r.Input(1), (int)((GatherND)r.Operator).BatchDims))),
        Row(typeof(ScatterElements), "scatter-elements", static r => Scatter(r, Places.OfElements(r.Input(0), r.Input(1), ((ScatterElements)r.Operator).Axis))),
        Row(typeof(ScatterND), "scatter-nd", static r => Scatter(r, Places.OfTuples(r.Input(0), r.Input(1), 0))),
        new()
        {
            Name = "one-hot",
            Operator = typeof(OneHot),
            Supports = static r => r.Input(0).Type is ElementType.Int32 or ElementType.Int64 && MovementRows.Width(r.Output.Type) > 0,
            Cost = static r => 50 + 0.3 * r.Output.Count,
            Create = OneHot,
        },
    ];

    private static KernelRow Row(Type type, string name, Func<KernelRequest, IKernel?> make) => new()
    {
        Name = name,
        Operator = type,
        Supports = r => r.Input(1).Type is ElementType.Int32 or ElementType.Int64 && make(r) is not null,
        Cost = static r => 50 + 2.0 * r.Input(1).Count + 0.3 * r.Output.Count,
        Create = r => make(r)!,
    };

    private static IKernel? Gather(KernelRequest request, Places places) => MovementRows.Width(request.Output.Type) switch
    {
        1 => new PlacedGatherKernel<byte>(places, request.OutputIndex()),
        2 => new PlacedGatherKernel<ushort>(places, request.OutputIndex()),
        4 => new PlacedGatherKernel<uint>(places, request.OutputIndex()),
        8 => new PlacedGatherKernel<ulong>(places, request.OutputIndex()),
        _ => null,
    };

    private static IKernel? Scatter(KernelRequest request, Places places)
    {
        var reduction = ((Scattering)request.Operator).Reduction;
        int count = request.Output.Count, output = request.OutputIndex();
        if (reduction != ScatterReduction.None)
        {
            return request.Output.Type switch
            {
                ElementType.Float32 => new ScatterKernel<float>(places, reduction, count, output),
                ElementType.Float64 => new ScatterKernel<double>(places, reduction, count, output),
                ElementType.Int32 => new ScatterKernel<int>(places, reduction, count, output),
                ElementType.Int64 => new ScatterKernel<long>(places, reduction, count, output),
                _ => null,
            };
        }
        return MovementRows.Width(request.Output.Type) switch
        {
            1 => new ScatterKernel<byte>(places, reduction, count, output),
            2 => new ScatterKernel<ushort>(places, reduction, count, output),
            4 => new ScatterKernel<uint>(places, reduction, count, output),
            8 => new ScatterKernel<ulong>(places, reduction, count, output),
            _ => null,
        };
    }

    private static IKernel OneHot(KernelRequest request)
    {
        var indices = request.Input(0);
        int axis = (int)(((OneHot)request.Operator).Axis is < 0 and var given ? given + indices.Rank + 1 : ((OneHot)request.Operator).Axis), depth = request.Output.Dims[axis], output = request.OutputIndex();
        int outer = Tensor.CountOf(indices.Dims.AsSpan(0, axis)), inner = Tensor.CountOf(indices.Dims.AsSpan(axis));
        bool wide = indices.Type == ElementType.Int64;
        return MovementRows.Width(request.Output.Type) switch
        {
            1 => new OneHotKernel<byte>(outer, depth, inner, wide, output),
            2 => new OneHotKernel<ushort>(outer, depth, inner, wide, output),
            4 => new OneHotKernel<uint>(outer, depth, inner, wide, output),
            _ => new OneHotKernel<ulong>(outer, depth, inner, wide, output),
        };
    }
}

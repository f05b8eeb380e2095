using Strata.Kernels.Elementwise;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Conversion;

/// <summary>The rows of linear quantisation: elementwise functions of x, scale and zero-point, which broadcast once their axes are spelt out.</summary>
internal static class QuantizationRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        Row(typeof(QuantizeLinear), "quantize", static r => ((QuantizeLinear)r.Operator).Precision is null or ElementType.Float32 && r.Input(0).Type == ElementType.Float32 ? ToCodes(r.Output.Type) : null),
        Row(typeof(DequantizeLinear), "dequantize", static r => r.Output.Type != ElementType.Float32 || r.Has(2) && r.Input(0).Type == ElementType.Int32 ? null : FromCodes(r.Input(0).Type)),
    ];

    private static KernelRow Row(Type type, string name, Func<KernelRequest, ElementFunction?> function) => new()
    {
        Name = name,
        Operator = type,
        TakesEpilogue = true,
        Supports = r => r.Input(1).Type == ElementType.Float32 && (r.Epilogue.IsEmpty || r.Output.Type == ElementType.Float32) && function(r) is not null && Spread(r) is not null,
        Cost = r => 50 + 0.3 * r.Output.Count,
        Create = r => new ElementwiseKernel(Spread(r)!, function(r)!, r.Has(2) ? [0, 1, 2] : [0, 1]),
    };

    private static ElementFunction? ToCodes(ElementType type) => type switch
    {
        ElementType.UInt8 => new QuantizeTo<byte, U8Elements>(byte.MinValue, byte.MaxValue),
        ElementType.Int8 => new QuantizeTo<sbyte, I8Elements>(sbyte.MinValue, sbyte.MaxValue),
        ElementType.UInt16 => new QuantizeTo<ushort, U16Elements>(ushort.MinValue, ushort.MaxValue),
        ElementType.Int16 => new QuantizeTo<short, I16Elements>(short.MinValue, short.MaxValue),
        _ => null,
    };

    private static ElementFunction? FromCodes(ElementType type) => type switch
    {
        ElementType.UInt8 => new DequantizeFrom<byte, U8Elements>(),
        ElementType.Int8 => new DequantizeFrom<sbyte, I8Elements>(),
        ElementType.UInt16 => new DequantizeFrom<ushort, U16Elements>(),
        ElementType.Int16 => new DequantizeFrom<short, I16Elements>(),
        ElementType.Int32 => new DequantizeFrom<int, I32Elements>(),
        _ => null,
    };

    // The same layer with dimensions by which parameters broadcast: a vector along its axis, blocks as an axis of their own.
    private static KernelRequest? Spread(KernelRequest request)
    {
        var op = (LinearQuantization)request.Operator;
        int[] dims = request.Input(0).Dims;
        int count = request.Input(1).Count;
        if (request.Has(2) && request.Input(2).Count != count) return null;
        if (count == 1) return With(dims, []);
        int axis = dims.Length == 1 ? 0 : (int)(op.Axis < 0 ? op.Axis + dims.Length : op.Axis);
        if (op.BlockSize == 0) return With(dims, [dims[axis], .. Enumerable.Repeat(1, dims.Length - axis - 1)]);
        if (dims[axis] % op.BlockSize != 0) return null;
        int block = (int)op.BlockSize, blocks = dims[axis] / block;
        return With([.. dims[..axis], blocks, block, .. dims[(axis + 1)..]], [.. dims[..axis], blocks, 1, .. dims[(axis + 1)..]]);

        KernelRequest With(int[] data, int[] parameters) => request with
        {
            Inputs = [.. request.Inputs.Select((o, i) => o is null ? null : o with { Dims = i == 0 ? data : parameters })],
            Outputs = [request.Output with { Dims = data }],
        };
    }
}

using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>
/// Quantised operators of ONNX Runtime that are defined as dequantise, compute, quantise, or as an integer product with a
/// scale, expanded into just that.
/// </summary>
internal static class QuantizedLowering
{
    /// <summary>Operands: a, its scale and zero-point, b, its scale and zero-point, scale and zero-point of the result.</summary>
    public static void Binary(NodeLowering node, Operator op)
    {
        Value a = Dequantize(node, 0), b = Dequantize(node, 3);
        Quantize(node, node.Emit(op, a, b), 6, TypeOf(node[0]));
    }

    /// <summary>Operands: x, its scale and zero-point, scale and zero-point of the result.</summary>
    public static void Unary(NodeLowering node, Operator op) =>
        Quantize(node, node.Emit(op, Dequantize(node, 0)), 3, TypeOf(node[0]));

    /// <summary>Softmax along one axis, or, before operator set 13, over all axes from it on, which must then be the last one.</summary>
    public static void Softmax(NodeLowering node)
    {
        long version = node.Attributes.Int("opset", 13), axis = node.Attributes.Int("axis", version < 13 ? 1 : -1);
        if (version < 13 && axis != -1 && (node[0].Type as TensorType)?.Rank - 1 != axis)
            throw NodeLowering.Unsupported($"axis {axis} of {node[0].Type} must be the last with operator set {version}");
        Unary(node, new Softmax { Axis = axis });
    }

    /// <summary>Operands: scale and zero-point of the result, then each part with its scale and zero-point.</summary>
    public static void Concat(NodeLowering node)
    {
        var parts = new List<Value?>();
        for (int i = 2; i < node.Inputs.Length; i += 3) parts.Add(Dequantize(node, i));
        if (parts.Count == 0) throw new InvalidNetworkException("input 2 is missing");
        Quantize(node, node.Emit(node.Read(new Concat()), parts.ToArray()), 0, TypeOf(node[2]));
    }

    /// <summary>Operands: the condition, x, its scale and zero-point, y, its scale and zero-point, scale and zero-point of the result.</summary>
    public static void Where(NodeLowering node)
    {
        Value x = Dequantize(node, 1), y = Dequantize(node, 4);
        Quantize(node, node.Emit(new Where(), node[0], x, y), 7, TypeOf(node[1]));
    }

    /// <summary>Operands: a, b, their scales, their zero-points, the bias; the result is floating point.</summary>
    public static void MatMulIntegerToFloat(NodeLowering node)
    {
        if (node[2].Type is TensorType { Shape: { } shape } && !shape.Count.Is(1)) throw NodeLowering.Unsupported($"the scale of a must be a scalar, has shape {shape}");
        ScaledProduct(node, node[0], node[2], node.Optional(4), node[3], node.Optional(5), node.Optional(6));
    }

    /// <summary>Operands: a (f32), b, its scale, its zero-point, the bias; a is quantised by its own range first.</summary>
    public static void DynamicQuantizeMatMul(NodeLowering node)
    {
        var quantized = node.EmitMany(new DynamicQuantizeLinear(), 3, node[0]).Outputs;
        ScaledProduct(node, quantized[0]!, quantized[1]!, quantized[2], node[2], node.Optional(3), node.Optional(4));
    }

    private static void ScaledProduct(NodeLowering node, Value a, Value aScale, Value? aZero, Value bScale, Value? bZero, Value? bias)
    {
        var sums = node.Emit(new Cast { To = TypeOf(bScale) }, node.Emit(new MatMulInteger(), a, node[1], aZero, bZero));
        var scale = node.Emit(new Mul(), aScale, bScale);
        if (bias is null) node.Result(new Mul(), sums, scale);
        else node.Result(new Add(), node.Emit(new Mul(), sums, scale), bias);
    }

    /// <summary>
    /// Operands: a, its scale and zero-point, b, its scale and zero-point, i32 addend c in steps of the product of the scales,
    /// scale and zero-point of the result. Without a scale the result is floating point.
    /// </summary>
    public static void Gemm(NodeLowering node)
    {
        float alpha = node.Attributes.Float("alpha", 1);
        Value a = Matrix(0, "transA"), b = Matrix(3, "transB");
        var sums = node.Emit(new MatMulInteger(), a, b, node.Optional(2), node.Optional(5));
        if (node.Optional(6) is { } c) sums = node.Emit(new Add(), sums, c);
        var type = TypeOf(node[1]);
        var scale = node.Emit(new Mul(), node[1], node[4]);
        if (alpha != 1) scale = node.Emit(new Mul(), scale, node.Constant(Tensor.FromDoubles(type, [], [alpha])));
        var real = node.Emit(new Cast { To = type }, sums);
        if (node.Has(7)) Quantize(node, node.Emit(new Mul(), real, scale), 7, TypeOf(node[0]));
        else node.Result(new Mul(), real, scale);

        Value Matrix(int index, string transposed) => node.Attributes.Flag(transposed, false) ? node.Emit(new Transpose { Perm = [1, 0] }, node[index]) : node[index];
    }

    /// <summary>MulInteger: operands a, its zero-point, b, its zero-point; the product is i32.</summary>
    public static void MulInteger(NodeLowering node)
    {
        node.Result(new Mul(), Centred(0), Centred(2));

        Value Centred(int index)
        {
            var codes = node.Emit(new Cast { To = ElementType.Int32 }, node[index]);
            return node.Has(index + 1) ? node.Emit(new Sub(), codes, node.Emit(new Cast { To = ElementType.Int32 }, node[index + 1])) : codes;
        }
    }

    /// <summary>MatMulInteger16: a product of 16-bit integers in 32 bits, unsigned when both operands are.</summary>
    public static void MatMulInteger16(NodeLowering node)
    {
        foreach (int i in (int[])[0, 1])
        {
            if (TypeOf(node[i]) is not (ElementType.Int16 or ElementType.UInt16)) throw new InvalidNetworkException($"input {i} must be i16 or u16, is {node[i].Type}");
        }
        var type = TypeOf(node[0]) == ElementType.UInt16 && TypeOf(node[1]) == ElementType.UInt16 ? ElementType.UInt32 : ElementType.Int32;
        node.Result(new MatMul(), node.Emit(new Cast { To = type }, node[0]), node.Emit(new Cast { To = type }, node[1]));
    }

    /// <summary>ReduceSumInteger: sums of bytes in 32 bits of the same sign.</summary>
    public static void ReduceSumInteger(NodeLowering node)
    {
        var type = TypeOf(node[0]) switch
        {
            ElementType.Int8 => ElementType.Int32,
            ElementType.UInt8 => ElementType.UInt32,
            var other => throw new InvalidNetworkException($"input 0 must be i8 or u8, is {other.Name()}"),
        };
        node.Result(new ReduceSum { KeepDims = node.Attributes.Flag("keepdims", true) }, node.Emit(new Cast { To = type }, node[0]), Axes(node));
    }

    /// <summary>QLinearReduceMean: operands x, its scale and zero-point, scale and zero-point of the result.</summary>
    public static void ReduceMean(NodeLowering node)
    {
        var mean = node.Emit(new ReduceMean { KeepDims = node.Attributes.Flag("keepdims", true) }, Dequantize(node, 0), Axes(node));
        Quantize(node, mean, 3, TypeOf(node[0]));
    }

    private static Value? Axes(NodeLowering node) => node.Attributes.Ints("axes", []) is { IsEmpty: false } axes ? node.Ints(axes.AsSpan()) : null;

    /// <summary>
    /// DynamicQuantizeLSTM: an LSTM over dequantised weights, which lie <c>[D, I, 4·H]</c> here. Operands 8 to 11: scale and
    /// zero-point of the weights and of the recurrent ones, per direction or per direction and column. Inputs and states stay
    /// floating point, where ONNX Runtime rounds them to bytes step by step.
    /// </summary>
    public static void Lstm(NodeLowering node)
    {
        node.Result(node.Read(new Lstm()), node[0], Weights(1, 8), Weights(2, 10), node.Optional(3), node.Optional(4), node.Optional(5), node.Optional(6), node.Optional(7));

        Value Weights(int index, int scale)
        {
            var codes = node.Emit(new Cast { To = ElementType.Float32 }, node[index]);
            if (node.Has(scale + 1)) codes = node.Emit(new Sub(), codes, PerColumn(node.Emit(new Cast { To = ElementType.Float32 }, node[scale + 1])));
            return node.Emit(new Transpose { Perm = [0, 2, 1] }, node.Emit(new Mul(), codes, PerColumn(node[scale])));
        }

        Value PerColumn(Value parameter) => parameter.TensorType.Rank switch
        {
            0 => parameter,
            1 => node.Emit(new Unsqueeze(), parameter, node.Ints(1, 2)),
            2 => node.Emit(new Unsqueeze(), parameter, node.Ints(1)),
            _ => throw NodeLowering.Unsupported($"scales and zero-points must have a known rank of 1 or 2, one is {parameter.Type}"),
        };
    }

    private static Value Dequantize(NodeLowering node, int index) => node.Emit(new DequantizeLinear(), node[index], node[index + 1], node.Optional(index + 2));

    private static void Quantize(NodeLowering node, Value real, int scale, ElementType type)
    {
        var op = new QuantizeLinear { OutputType = node.Has(scale + 1) ? null : type };
        node.Result(op, real, node[scale], node.Optional(scale + 1));
    }

    private static ElementType TypeOf(Value value) => value.Type is TensorType tensor ? tensor.ElementType : throw new InvalidNetworkException($"'{value.Name}' must be a tensor");
}

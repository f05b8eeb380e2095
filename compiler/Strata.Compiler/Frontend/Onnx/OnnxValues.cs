using System.Collections.Immutable;
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;
using SequenceKind = Strata.Compiler.Frontend.Onnx.Proto.SequenceProto.Types.DataType;
using OptionalKind = Strata.Compiler.Frontend.Onnx.Proto.OptionalProto.Types.DataType;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>Values of any kind (tensor, sequence, optional, map) from ONNX's serialised messages, as in <c>.pb</c> files.</summary>
public static class OnnxValues
{
    /// <summary>Reads a value of the given type.</summary>
    /// <exception cref="StrataFormatException">The bytes are not such a value.</exception>
    public static RuntimeValue Parse(byte[] bytes, NetworkType type)
    {
        try
        {
            return type switch
            {
                SequenceType => Read(SequenceProto.Parser.ParseFrom(bytes)),
                OptionalType => Read(OptionalProto.Parser.ParseFrom(bytes)),
                MapType => Read(MapProto.Parser.ParseFrom(bytes)),
                TensorType tensor => Read(TensorProto.Parser.ParseFrom(bytes), tensor.ElementType),
                _ => throw new StrataFormatException($"there is no ONNX message for values of type {type}"),
            };
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new StrataFormatException($"not an ONNX value of type {type}: {error.Message}", error);
        }
    }

    // Cases recorded before ONNX 1.13 hold bf16 elements as u16.
    private static Tensor Read(TensorProto proto, ElementType type)
    {
        var tensor = OnnxTensors.Read(proto);
        return type == ElementType.BFloat16 && tensor.ElementType == ElementType.UInt16 ? tensor.Reinterpret(type) : tensor;
    }

    private static SequenceValue Read(SequenceProto proto) => new(proto.ElemType switch
    {
        (int)SequenceKind.Tensor => [.. proto.TensorValues.Select(OnnxTensors.Read)],
        (int)SequenceKind.SparseTensor => [.. proto.SparseTensorValues.Select(SparseTensors.Densify)],
        (int)SequenceKind.Sequence => [.. proto.SequenceValues.Select(Read)],
        (int)SequenceKind.Map => [.. proto.MapValues.Select(Read)],
        (int)SequenceKind.Optional => [.. proto.OptionalValues.Select(Read)],
        _ => ImmutableArray<RuntimeValue>.Empty,
    });

    private static OptionalValue Read(OptionalProto proto) => new(proto.ElemType switch
    {
        (int)OptionalKind.Tensor => OnnxTensors.Read(proto.TensorValue),
        (int)OptionalKind.SparseTensor => SparseTensors.Densify(proto.SparseTensorValue),
        (int)OptionalKind.Sequence => Read(proto.SequenceValue),
        (int)OptionalKind.Map => Read(proto.MapValue),
        (int)OptionalKind.Optional => Read(proto.OptionalValue),
        _ => null,
    });

    private static MapValue Read(MapProto proto)
    {
        var type = OnnxTensors.ElementTypeOf(proto.KeyType, "map keys");
        var keys = type == ElementType.String
            ? Tensor.FromStrings([proto.StringKeys.Count], [.. proto.StringKeys.Select(k => k.ToStringUtf8())])
            : Tensor.FromInt64s(type, [proto.Keys.Count], [.. proto.Keys]);
        return new(keys, Read(proto.Values).Items);
    }
}

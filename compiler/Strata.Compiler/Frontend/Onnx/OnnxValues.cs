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
    /// <param name="bytes">The serialised message.</param>
    /// <param name="type">The type; it tells which message this is.</param>
    /// <param name="name">The name used in errors.</param>
    /// <exception cref="StrataFormatException">The bytes are not such a value.</exception>
    public static RuntimeValue Parse(byte[] bytes, NetworkType type, string name)
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
        catch (StrataFormatException error)
        {
            throw new StrataFormatException($"{name}: {error.Message}", error);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new StrataFormatException($"{name}: not an ONNX value of type {type}: {error.Message}", error);
        }
    }

    // Cases recorded before ONNX 1.13 hold bf16 elements as u16.
    private static Tensor Read(TensorProto proto, ElementType type)
    {
        var tensor = OnnxTensors.Read(proto);
        return type == ElementType.BFloat16 && tensor.ElementType == ElementType.UInt16 ? tensor.Reinterpret(type) : tensor;
    }

    /// <summary>Writes a value; what <see cref="Parse"/> reads with the value's type.</summary>
    public static byte[] Serialize(RuntimeValue value, string name) => value switch
    {
        Tensor tensor => OnnxTensors.Write(tensor, name).ToByteArray(),
        SequenceValue sequence => Write(sequence).ToByteArray(),
        OptionalValue optional => Write(optional).ToByteArray(),
        MapValue map => Write(map).ToByteArray(),
        _ => throw new InvalidInputException($"'{name}' is of a kind that ONNX has no message for"),
    };

    private static SequenceProto Write(SequenceValue value)
    {
        var proto = new SequenceProto();
        foreach (var item in value.Items)
        {
            switch (item)
            {
                case Tensor tensor: proto.ElemType = (int)SequenceKind.Tensor; proto.TensorValues.Add(OnnxTensors.Write(tensor, "")); break;
                case SequenceValue sequence: proto.ElemType = (int)SequenceKind.Sequence; proto.SequenceValues.Add(Write(sequence)); break;
                case MapValue map: proto.ElemType = (int)SequenceKind.Map; proto.MapValues.Add(Write(map)); break;
                case OptionalValue optional: proto.ElemType = (int)SequenceKind.Optional; proto.OptionalValues.Add(Write(optional)); break;
            }
        }
        return proto;
    }

    private static OptionalProto Write(OptionalValue value) => value.Content switch
    {
        Tensor tensor => new() { ElemType = (int)OptionalKind.Tensor, TensorValue = OnnxTensors.Write(tensor, "") },
        SequenceValue sequence => new() { ElemType = (int)OptionalKind.Sequence, SequenceValue = Write(sequence) },
        MapValue map => new() { ElemType = (int)OptionalKind.Map, MapValue = Write(map) },
        OptionalValue optional => new() { ElemType = (int)OptionalKind.Optional, OptionalValue = Write(optional) },
        _ => new() { ElemType = (int)OptionalKind.Undefined },
    };

    private static MapProto Write(MapValue value)
    {
        var proto = new MapProto { KeyType = (int)value.Keys.ElementType, Values = Write(new SequenceValue(value.Values)) };
        if (value.Keys.ElementType == ElementType.String) proto.StringKeys.Add(value.Keys.Strings.ToArray().Select(ByteString.CopyFromUtf8));
        else proto.Keys.Add(value.Keys.ToInt64s());
        return proto;
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
        (int)OptionalKind.Tensor => OnnxTensors.Read(Present(proto.TensorValue)),
        (int)OptionalKind.SparseTensor => SparseTensors.Densify(Present(proto.SparseTensorValue)),
        (int)OptionalKind.Sequence => Read(Present(proto.SequenceValue)),
        (int)OptionalKind.Map => Read(Present(proto.MapValue)),
        (int)OptionalKind.Optional => Read(Present(proto.OptionalValue)),
        _ => null,
    });

    private static MapValue Read(MapProto proto)
    {
        var type = OnnxTensors.ElementTypeOf(proto.KeyType, "map keys");
        var keys = type == ElementType.String
            ? Tensor.FromStrings([proto.StringKeys.Count], [.. proto.StringKeys.Select(k => k.ToStringUtf8())])
            : Tensor.FromInt64s(type, [proto.Keys.Count], [.. proto.Keys]);
        var values = Read(Present(proto.Values)).Items;
        return values.Length == keys.Count ? new(keys, values) : throw new StrataFormatException($"a map has {keys.Count} keys and {values.Length} values");
    }

    private static T Present<T>(T? message) where T : class, IMessage => message ?? throw new StrataFormatException($"a {typeof(T).Name} is announced and missing");
}

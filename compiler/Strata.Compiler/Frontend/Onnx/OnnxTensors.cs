using System.Numerics;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>Tensors between ONNX's messages and ours; element type numbers coincide.</summary>
public static class OnnxTensors
{
    /// <summary>Reads a serialised <c>TensorProto</c>, as in <c>.pb</c> files.</summary>
    /// <exception cref="StrataFormatException">The bytes are not a tensor.</exception>
    public static Tensor Parse(byte[] bytes)
    {
        try
        {
            return Read(TensorProto.Parser.ParseFrom(bytes));
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new StrataFormatException($"not an ONNX tensor: {error.Message}", error);
        }
    }

    /// <summary>Writes a tensor as a serialised <c>TensorProto</c>.</summary>
    public static byte[] Serialize(Tensor tensor, string name) => Write(tensor, name).ToByteArray();

    internal static ElementType ElementTypeOf(int dataType, string what)
    {
        var type = (ElementType)dataType;
        return dataType is > 0 and < 64 && type.IsDefined() ? type : throw new StrataFormatException($"{what}: unknown element type number {dataType}; allowed are 1 to 26");
    }

    internal static TensorType TypeOf(TensorProto tensor)
    {
        var dims = new int[tensor.Dims.Count];
        if (dims.Length > Limits.Rank) throw new StrataFormatException($"tensor '{tensor.Name}': rank {dims.Length} exceeds {Limits.Rank}");
        for (int i = 0; i < dims.Length; i++)
        {
            if (tensor.Dims[i] is < 0 or > int.MaxValue) throw new StrataFormatException($"tensor '{tensor.Name}': dimension {tensor.Dims[i]} is outside [0, {int.MaxValue}]");
            dims[i] = (int)tensor.Dims[i];
        }
        return new(ElementTypeOf(tensor.DataType, $"tensor '{tensor.Name}'"), Shape.Of(dims));
    }

    /// <summary>Reads a tensor whose data stands in the message, raw or in the typed field of its element type.</summary>
    internal static Tensor Read(TensorProto proto)
    {
        var type = TypeOf(proto);
        int[] dims = type.Shape!.Constant!;
        RefuseSegment(proto);
        if (type.ElementType == ElementType.String)
        {
            Expect(proto, proto.StringData.Count, Count(type));
            return Tensor.FromStrings(dims, [.. proto.StringData.Select(s => s.ToStringUtf8())]);
        }
        if (proto.HasRawData)
        {
            Expect(proto, proto.RawData.Length, type.ElementType.ByteCount(Count(type)));
            return Tensor.FromBytes(type.ElementType, dims, MemoryMarshal.AsMemory(proto.RawData.Memory));
        }
        return FromTypedFields(proto, type.ElementType, dims);
    }

    /// <summary>The type of a tensor whose elements lie elsewhere, if the length of them fits it; null for strings, which cannot.</summary>
    internal static TensorType? TypeOfElements(TensorProto proto, long bytes)
    {
        var type = TypeOf(proto);
        if (type.ElementType == ElementType.String) return null;
        RefuseSegment(proto);
        Expect(proto, bytes, type.ElementType.ByteCount(Count(type)));
        return type;
    }

    internal static TensorProto Write(Tensor tensor, string name)
    {
        var proto = Declare(tensor.ElementType, tensor.Dims.AsSpan(), name);
        Fill(proto, tensor);
        return proto;
    }

    /// <summary>A tensor without its elements.</summary>
    internal static TensorProto Declare(ElementType type, ReadOnlySpan<int> dims, string name)
    {
        if ((int)type >= 64) throw new InvalidNetworkException($"tensor '{name}': ONNX has no element type {type.Name()}");
        var proto = new TensorProto { Name = name, DataType = (int)type };
        foreach (int dim in dims) proto.Dims.Add(dim);
        return proto;
    }

    /// <summary>Gives a declared tensor its elements.</summary>
    internal static void Fill(TensorProto proto, Tensor tensor)
    {
        if (tensor.ElementType == ElementType.String)
        {
            foreach (string item in tensor.Strings) proto.StringData.Add(ByteString.CopyFromUtf8(item));
        }
        else proto.RawData = UnsafeByteOperations.UnsafeWrap(tensor.Bytes);
    }

    private static void RefuseSegment(TensorProto proto)
    {
        if (proto.Segment is not null) throw new StrataFormatException($"tensor '{proto.Name}': segmented tensors are not supported; store it whole");
    }

    private static long Count(TensorType type) => type.Shape!.Count.Constant!.Value;

    private static void Expect(TensorProto proto, long actual, long expected)
    {
        if (actual != expected) throw new StrataFormatException($"tensor '{proto.Name}': {actual} elements or bytes of data where its type and shape need {expected}");
    }

    // Field by element type: ONNX IR specification, TensorProto.
    private static Tensor FromTypedFields(TensorProto proto, ElementType type, int[] dims)
    {
        long count = Shape.Of(dims).Count.Constant!.Value;
        switch (type)
        {
            case ElementType.Float32:
                Expect(proto, proto.FloatData.Count, count);
                return Tensor.From<float>(dims, [.. proto.FloatData]);
            case ElementType.Float64:
                Expect(proto, proto.DoubleData.Count, count);
                return Tensor.From<double>(dims, [.. proto.DoubleData]);
            case ElementType.Complex64:
                Expect(proto, proto.FloatData.Count, 2 * count);
                return Tensor.FromComplex(type, dims, [.. proto.FloatData.Chunk(2).Select(p => new Complex(p[0], p[1]))]);
            case ElementType.Complex128:
                Expect(proto, proto.DoubleData.Count, 2 * count);
                return Tensor.FromComplex(type, dims, [.. proto.DoubleData.Chunk(2).Select(p => new Complex(p[0], p[1]))]);
            case ElementType.Int64:
                Expect(proto, proto.Int64Data.Count, count);
                return Tensor.From<long>(dims, [.. proto.Int64Data]);
            case ElementType.UInt64:
                Expect(proto, proto.Uint64Data.Count, count);
                return Tensor.From<ulong>(dims, [.. proto.Uint64Data]);
            case ElementType.UInt32:
                Expect(proto, proto.Uint64Data.Count, count);
                return Tensor.FromInt64s(type, dims, [.. proto.Uint64Data.Select(v => unchecked((long)v))]);
            default:
                return FromInt32Data(proto, type, dims, count);
        }
    }

    // int32_data: one element each, or, for types narrower than a byte, one packed byte each.
    private static Tensor FromInt32Data(TensorProto proto, ElementType type, int[] dims, long count)
    {
        var data = proto.Int32Data;
        if (type.IsPacked())
        {
            Expect(proto, data.Count, type.ByteCount(count));
            return Tensor.FromBytes(type, dims, data.Select(v => unchecked((byte)v)).ToArray());
        }
        Expect(proto, data.Count, count);
        return type.Bits() switch
        {
            8 => Tensor.FromBytes(type, dims, data.Select(v => unchecked((byte)v)).ToArray()),
            16 => Tensor.FromBytes(type, dims, MemoryMarshal.AsBytes<ushort>(data.Select(v => unchecked((ushort)v)).ToArray()).ToArray()),
            _ => Tensor.FromInt64s(type, dims, [.. data.Select(v => (long)v)]),
        };
    }

    /// <summary>The inverse of reading typed fields.</summary>
    internal static void FillTypedFields(TensorProto proto, Tensor tensor)
    {
        switch (tensor.ElementType)
        {
            case ElementType.String: proto.StringData.AddRange(tensor.Strings.ToArray().Select(ByteString.CopyFromUtf8)); break;
            case ElementType.Float32: proto.FloatData.AddRange(tensor.Span<float>().ToArray()); break;
            case ElementType.Complex64: proto.FloatData.AddRange(MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray()); break;
            case ElementType.Float64: proto.DoubleData.AddRange(tensor.Span<double>().ToArray()); break;
            case ElementType.Complex128: proto.DoubleData.AddRange(MemoryMarshal.Cast<byte, double>(tensor.Bytes.Span).ToArray()); break;
            case ElementType.Int64: proto.Int64Data.AddRange(tensor.Span<long>().ToArray()); break;
            case ElementType.UInt64: proto.Uint64Data.AddRange(tensor.Span<ulong>().ToArray()); break;
            case ElementType.UInt32: proto.Uint64Data.AddRange(tensor.Span<uint>().ToArray().Select(v => (ulong)v)); break;
            case var type when type.IsPacked() || type is not (ElementType.Int8 or ElementType.Int16 or ElementType.Int32) && type.Bits() == 8:
                proto.Int32Data.AddRange(tensor.Bytes.ToArray().Select(v => (int)v));
                break;
            case var type when type.Bits() == 16 && type != ElementType.Int16: proto.Int32Data.AddRange(tensor.Span<ushort>().ToArray().Select(v => (int)v)); break;
            default: proto.Int32Data.AddRange(tensor.ToInt64s().Select(v => (int)v)); break;
        }
    }

    /// <summary>Gives a tensor the numbers of its packed field: of 8 bytes where they are binary64, else of 4.</summary>
    internal static void FillPacked(TensorProto proto, ReadOnlySpan<byte> packed)
    {
        if ((ElementType)proto.DataType is ElementType.Float64 or ElementType.Complex128) proto.DoubleData.AddRange(MemoryMarshal.Cast<byte, double>(packed).ToArray());
        else proto.FloatData.AddRange(MemoryMarshal.Cast<byte, float>(packed).ToArray());
    }

    /// <summary>Removes a tensor's data, whichever field holds it.</summary>
    internal static void ClearData(TensorProto proto)
    {
        proto.ClearRawData();
        proto.FloatData.Clear();
        proto.DoubleData.Clear();
        proto.Int32Data.Clear();
        proto.Int64Data.Clear();
        proto.Uint64Data.Clear();
        proto.StringData.Clear();
    }

    /// <summary>Every dense tensor of a model, nested graphs and functions included, with a way to replace it.</summary>
    internal static IEnumerable<(TensorProto Tensor, Action<TensorProto> Replace)> All(ModelProto model) =>
        All(model.Graph).Concat(model.Functions.SelectMany(f => All(f.Node)));

    private static IEnumerable<(TensorProto, Action<TensorProto>)> All(GraphProto graph)
    {
        for (int i = 0; i < graph.Initializer.Count; i++)
        {
            int index = i;
            yield return (graph.Initializer[i], t => graph.Initializer[index] = t);
        }
        foreach (var inner in All(graph.Node)) yield return inner;
    }

    private static IEnumerable<(TensorProto, Action<TensorProto>)> All(IEnumerable<NodeProto> nodes)
    {
        foreach (var attribute in nodes.SelectMany(n => n.Attribute))
        {
            if (attribute.T is not null) yield return (attribute.T, t => attribute.T = t);
            for (int i = 0; i < attribute.Tensors.Count; i++)
            {
                int index = i;
                yield return (attribute.Tensors[i], t => attribute.Tensors[index] = t);
            }
            if (attribute.G is not null)
            {
                foreach (var inner in All(attribute.G)) yield return inner;
            }
            foreach (var inner in attribute.Graphs.SelectMany(All)) yield return inner;
        }
    }
}

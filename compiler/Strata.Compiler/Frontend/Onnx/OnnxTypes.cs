using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>Value types between ONNX's messages and ours.</summary>
internal static class OnnxTypes
{
    /// <summary>Reads a type. Dimensions without a value or name become the symbol <c>name.axis</c>; fixed symbols become constants.</summary>
    public static NetworkType Read(TypeProto? type, string valueName, IReadOnlyDictionary<string, long> fixedDims) => type?.ValueCase switch
    {
        TypeProto.ValueOneofCase.TensorType => new TensorType(OnnxTensors.ElementTypeOf(type.TensorType.ElemType, $"value '{valueName}'"), ReadShape(type.TensorType.Shape, valueName, fixedDims)),
        TypeProto.ValueOneofCase.SequenceType => new SequenceType(Read(type.SequenceType.ElemType, valueName, fixedDims)),
        TypeProto.ValueOneofCase.OptionalType => new OptionalType(Read(type.OptionalType.ElemType, valueName, fixedDims)),
        TypeProto.ValueOneofCase.MapType => new MapType(OnnxTensors.ElementTypeOf(type.MapType.KeyType, $"value '{valueName}'"), Read(type.MapType.ValueType, valueName, fixedDims)),
        TypeProto.ValueOneofCase.SparseTensorType => throw new UnsupportedOperatorException($"value '{valueName}': sparse tensors are supported as initializers only"),
        _ => throw new StrataFormatException($"value '{valueName}' has no type"),
    };

    /// <summary>Writes a type; dimensions that are neither constants nor symbols get no name.</summary>
    public static TypeProto Write(NetworkType type)
    {
        switch (type)
        {
            case TensorType tensor:
                var proto = new TypeProto.Types.Tensor { ElemType = (int)tensor.ElementType };
                if (tensor.Shape is { } shape)
                {
                    proto.Shape = new TensorShapeProto();
                    foreach (var dim in shape)
                    {
                        var entry = new TensorShapeProto.Types.Dimension();
                        if (dim.Constant is { } value) entry.DimValue = value;
                        else if (!dim.ToString().StartsWith('?')) entry.DimParam = dim.SymbolName ?? dim.ToString();
                        proto.Shape.Dim.Add(entry);
                    }
                }
                return new TypeProto { TensorType = proto };
            case SequenceType sequence: return new TypeProto { SequenceType = new() { ElemType = Write(sequence.Element) } };
            case OptionalType optional: return new TypeProto { OptionalType = new() { ElemType = Write(optional.Element) } };
            case MapType map: return new TypeProto { MapType = new() { KeyType = (int)map.Key, ValueType = Write(map.Value) } };
            default: throw new InvalidNetworkException($"ONNX has no type {type}");
        }
    }

    private static Shape? ReadShape(TensorShapeProto? shape, string valueName, IReadOnlyDictionary<string, long> fixedDims)
    {
        if (shape is null) return null;
        var dims = new Dim[shape.Dim.Count];
        for (int i = 0; i < dims.Length; i++)
        {
            var entry = shape.Dim[i];
            // Exporters write 0 and −1 for "unknown"; a symbol still takes an extent of 0 at run time.
            if (entry.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && entry.DimValue > 0)
            {
                dims[i] = entry.DimValue;
                continue;
            }
            string symbol = entry.HasDimParam && entry.DimParam.Length > 0 && !entry.DimParam.StartsWith('?') ? entry.DimParam : $"{valueName}.{i}";
            dims[i] = fixedDims.TryGetValue(symbol, out long value) ? value : Dim.Symbol(symbol);
        }
        return Shape.Create(dims);
    }
}

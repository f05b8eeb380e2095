using System.Globalization;
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>
/// Keeps a whole ONNX model beside the network made from it (<c>--preserve</c>): the model's message, in which tensors that
/// the network also holds are replaced by references to its constants. Nodes, names and metadata come back as they were;
/// external data comes back inside the model.
/// </summary>
public static class OnnxPreservation
{
    // A reference is an entry "strata.constant" of external_data: "raw 17" or "typed 17".
    private const string Key = "strata.constant", Raw = "raw", Typed = "typed";

    /// <summary>The source section of an encoded network.</summary>
    public static ReadOnlyMemory<byte> Write(OnnxModel model, IReadOnlyList<Constant> constants)
    {
        var ordinals = new Dictionary<ContentHash, int>();
        for (int i = 0; i < constants.Count; i++) ordinals.TryAdd(constants[i].Hash, i);
        var proto = model.Proto.Clone();
        foreach (var (original, (_, replace)) in Tensors(model.Proto).Zip(OnnxTensors.All(proto)))
        {
            var (constant, whole) = (model.Constant(original), model.Whole(original));
            replace(ordinals.TryGetValue(constant.Hash, out int ordinal) ? Detach(whole, ordinal, constants[ordinal]) : whole);
        }
        return proto.ToByteArray();
    }

    /// <summary>The model of a source section, serialised.</summary>
    /// <exception cref="StrataFormatException">The section is malformed.</exception>
    /// <exception cref="ResourceLimitException">The model would be larger than a message can be.</exception>
    public static byte[] Read(byte[] section, IReadOnlyList<Constant> constants)
    {
        var proto = Parse(section);
        long size = section.Length; // a forged section may refer to one large constant again and again
        foreach (var (tensor, replace) in OnnxTensors.All(proto)) replace(Attach(tensor, constants, ref size));
        return proto.ToByteArray();
    }

    /// <summary>Whether a source section gives the model back, its external data inside. One tensor at a time is in memory.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    internal static bool GivesBack(OnnxModel model, byte[] section, IReadOnlyList<Constant> constants)
    {
        var (expected, actual) = (model.Proto.Clone(), Parse(section));
        var (originals, copies) = (Tensors(model.Proto).ToArray(), OnnxTensors.All(expected).ToArray());
        var restored = OnnxTensors.All(actual).ToArray();
        if (originals.Length != restored.Length) return false;
        var nothing = new TensorProto();
        long size = section.Length;
        for (int i = 0; i < originals.Length; i++)
        {
            if (!Attach(restored[i].Tensor, constants, ref size).Equals(model.Whole(originals[i]))) return false;
            restored[i].Replace(nothing);
            copies[i].Replace(nothing);
        }
        return actual.Equals(expected);
    }

    private static IEnumerable<TensorProto> Tensors(ModelProto model) => OnnxTensors.All(model).Select(t => t.Tensor);

    private static ModelProto Parse(byte[] section)
    {
        try
        {
            var proto = ModelProto.Parser.ParseFrom(section);
            return proto.Graph is not null ? proto : throw new StrataFormatException("the source section is not an ONNX model: it has no graph");
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new StrataFormatException($"the source section is not an ONNX model: {error.Message}", error);
        }
    }

    private static TensorProto Detach(TensorProto tensor, int ordinal, Constant constant)
    {
        var detached = tensor.Clone();
        OnnxTensors.ClearData(detached);
        string form = tensor.HasRawData ? Raw : Typed;
        detached.ExternalData.Add(new StringStringEntryProto { Key = Key, Value = string.Create(CultureInfo.InvariantCulture, $"{form} {ordinal}") });
        // A typed field may hold values outside the element type's range; such a tensor, and one that is short anyway, stays.
        return detached.CalculateSize() < tensor.CalculateSize() && Fill(detached, form, constant.Materialize()).Equals(tensor) ? detached : tensor;
    }

    private static TensorProto Attach(TensorProto tensor, IReadOnlyList<Constant> constants, ref long size)
    {
        if (tensor.ExternalData is not [{ Key: Key, Value: var reference }]) return tensor;
        var parts = reference.Split(' ');
        if (parts is not [Raw or Typed, var number] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal) || ordinal >= constants.Count)
            throw new StrataFormatException($"the source section refers to constant '{reference}' of {constants.Count}");
        var constant = constants[ordinal];
        if (parts[0] == Raw && constant.Type.ElementType == ElementType.String) throw new StrataFormatException($"the source section's tensor '{tensor.Name}' wants raw data of constant {ordinal}, which holds strings");
        if (tensor.DataType != (int)constant.Type.ElementType || constant.Count != OnnxTensors.TypeOf(tensor).Shape!.Count.Constant)
            throw new StrataFormatException($"the source section's tensor '{tensor.Name}' does not have the type of constant {ordinal}, {constant.Type}");
        size += constant.ByteCount;
        if (size > Array.MaxLength) throw new ResourceLimitException($"the model in the source section has more than {Array.MaxLength} bytes, which is what one message can hold");
        return Fill(tensor, parts[0], constant.Materialize());
    }

    private static TensorProto Fill(TensorProto tensor, string form, Tensor data)
    {
        var filled = tensor.Clone();
        filled.ExternalData.Clear();
        if (form == Raw) filled.RawData = UnsafeByteOperations.UnsafeWrap(data.Bytes);
        else OnnxTensors.FillTypedFields(filled, data);
        return filled;
    }
}

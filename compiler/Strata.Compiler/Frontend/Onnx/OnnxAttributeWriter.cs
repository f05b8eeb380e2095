using System.Collections.Immutable;
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;
using AttributeType = Strata.Compiler.Frontend.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>Writes the attributes of a core operator to a node, under the same names. Absent and empty ones are left out.</summary>
internal sealed class OnnxAttributeWriter(NodeProto node, Func<Network, GraphProto> writeBody) : AttributeWalker
{
    public override long Int(string name, long value, int since = 1)
    {
        Add(name, AttributeType.Int).I = value;
        return value;
    }

    public override long? OptionalInt(string name, long? value, int since = 1)
    {
        if (value is { } known) Int(name, known);
        return value;
    }

    public override ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1)
    {
        if (!value.IsEmpty) Add(name, AttributeType.Ints).Ints.AddRange(value);
        return value;
    }

    public override float Float(string name, float value, int since = 1)
    {
        Add(name, AttributeType.Float).F = value;
        return value;
    }

    public override float? OptionalFloat(string name, float? value, int since = 1)
    {
        if (value is { } known) Float(name, known);
        return value;
    }

    public override ImmutableArray<float> Floats(string name, ImmutableArray<float> value, int since = 1)
    {
        if (!value.IsEmpty) Add(name, AttributeType.Floats).Floats.AddRange(value);
        return value;
    }

    public override bool Flag(string name, bool value, int since = 1)
    {
        Int(name, value ? 1 : 0);
        return value;
    }

    public override string Text(string name, string value, int since = 1)
    {
        if (value.Length > 0) Add(name, AttributeType.String).S = ByteString.CopyFromUtf8(value);
        return value;
    }

    public override ImmutableArray<string> Texts(string name, ImmutableArray<string> value, int since = 1)
    {
        if (!value.IsEmpty) Add(name, AttributeType.Strings).Strings.AddRange(value.Select(ByteString.CopyFromUtf8));
        return value;
    }

    public override int Choice(string name, int value, ImmutableArray<string> names, int since = 1)
    {
        Text(name, names[value]);
        return value;
    }

    public override ElementType? Type(string name, ElementType? value, int since = 1)
    {
        if (value is { } known) Int(name, (int)known);
        return value;
    }

    public override Constant? Tensor(string name, Constant? value, int since = 1)
    {
        if (value is not null) Add(name, AttributeType.Tensor).T = OnnxTensors.Write(value.Materialize(), "");
        return value;
    }

    public override NetworkType? ValueType(string name, NetworkType? value, int since = 1)
    {
        if (value is not null) Add(name, AttributeType.TypeProto).Tp = OnnxTypes.Write(value);
        return value;
    }

    public override Network Network(string name, Network value, int since = 1)
    {
        Add(name, AttributeType.Graph).G = writeBody(value);
        return value;
    }

    private AttributeProto Add(string name, AttributeType type)
    {
        var attribute = new AttributeProto { Name = name, Type = type };
        node.Attribute.Add(attribute);
        return attribute;
    }
}

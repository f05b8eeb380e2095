using Google.Protobuf;
using Google.Protobuf.Collections;
using Strata.Compiler.Frontend.Onnx.Proto;
using AttributeType = Strata.Compiler.Frontend.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Strata.Tests.Frontend;

/// <summary>Changes an ONNX model where exporters and attackers could: names, types, extents, attributes, operators, versions.</summary>
internal sealed class ModelMutator(Random random)
{
    private static readonly long[] Integers = [0, 1, -1, 2, -2, 3, 5, 7, 8, 16, 64, 1000, 1 << 20, int.MaxValue, int.MinValue, 1L << 31, 1L << 40, long.MaxValue, long.MinValue, long.MaxValue - 1];
    private static readonly float[] Floats = [0, -0f, 1, -1, 0.5f, 1e30f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon];
    private static readonly string[] Texts = ["", "x", "SAME_UPPER", "VALID", "NOTSET", "linear", "cubic", "reflect", "add", "ij,jk->ik", "...->", "Relu", "(", "[a-z]+", "İ", "LEFT"];
    private static readonly string[] Operators = [.. OnnxSchema.All.Select(s => s.Name).Distinct()];
    private static readonly string[] AttributeNames = [.. OnnxSchema.All.SelectMany(s => s.Attributes).Distinct()];

    /// <summary>A copy with one to three changes.</summary>
    public ModelProto Mutate(ModelProto model)
    {
        var copy = model.Clone();
        for (int changes = random.Next(3) == 0 ? random.Next(2, 4) : 1; changes > 0; changes--) Change(copy);
        return copy;
    }

    private void Change(ModelProto model)
    {
        var graph = model.Graph;
        switch (random.Next(20))
        {
            case 0 when model.OpsetImport.Count > 0: Pick(model.OpsetImport).Version = random.Next(3) == 0 ? Integer() : random.Next(0, 30); break;
            case 1 when model.OpsetImport.Count > 0: Version(model); break;
            case 2 when graph.Input.Count > 0: Retype(Pick(graph.Input)); break;
            case 3 when graph.Output.Count > 0: Output(graph); break;
            case 4 when graph.Initializer.Count > 0: Change(Pick(graph.Initializer)); break;
            case 5 when graph.Input.Count > 1: Pick(graph.Input).Name = Pick(graph.Input).Name; break;
            case 6 when model.Functions.Count > 0: ChangeNode(Pick(model.Functions).Node); break;
            case 7: graph.Name = Text(); model.IrVersion = random.Next(0, 20); break;
            default: ChangeNode(Nodes(graph)); break;
        }
    }

    // The nodes of the graph or of one nested in it.
    private RepeatedField<NodeProto> Nodes(GraphProto graph)
    {
        var bodies = graph.Node.SelectMany(n => n.Attribute).Where(a => a.G is not null).Select(a => a.G).ToArray();
        return bodies.Length > 0 && random.Next(2) == 0 ? Nodes(bodies[random.Next(bodies.Length)]) : graph.Node;
    }

    private void Version(ModelProto model)
    {
        switch (random.Next(3))
        {
            case 0: Pick(model.OpsetImport).Domain = random.Next(2) == 0 ? "com.microsoft" : Text(); break;
            case 1: model.OpsetImport.Add(new OperatorSetIdProto { Domain = Pick(model.OpsetImport).Domain, Version = Integer() }); break;
            default: model.OpsetImport.RemoveAt(random.Next(model.OpsetImport.Count)); break;
        }
    }

    private void Output(GraphProto graph)
    {
        switch (random.Next(4))
        {
            case 0: graph.Output.RemoveAt(random.Next(graph.Output.Count)); break;
            case 1: Pick(graph.Output).Name = Text(); break;
            case 2: graph.Output.Add(Pick(graph.Output).Clone()); break;
            default: Pick(graph.Output).Name = graph.Input.Count > 0 ? Pick(graph.Input).Name : ""; break;
        }
    }

    private void ChangeNode(RepeatedField<NodeProto> nodes)
    {
        if (nodes.Count == 0) return;
        var node = Pick(nodes);
        switch (random.Next(16))
        {
            case 0: nodes.Remove(node); break;
            case 1: nodes.Add(node.Clone()); break;
            case 2: node.OpType = Operators[random.Next(Operators.Length)]; break;
            case 3: node.Domain = random.Next(3) switch { 0 => "com.microsoft", 1 => "ai.onnx.ml", _ => Text() }; break;
            case 4 when node.Output.Count > 0: node.Output[random.Next(node.Output.Count)] = random.Next(2) == 0 ? "" : Pick(nodes).Output.FirstOrDefault(""); break;
            case 5: node.Output.Add(random.Next(2) == 0 ? "extra" : ""); break;
            case 6 or 7 or 8: Operands(node, nodes); break;
            case 9: node.Attribute.Add(Attribute(AttributeNames[random.Next(AttributeNames.Length)])); break;
            default:
                if (node.Attribute.Count == 0) Operands(node, nodes);
                else if (random.Next(5) == 0) node.Attribute.RemoveAt(random.Next(node.Attribute.Count));
                else Change(Pick(node.Attribute));
                break;
        }
    }

    private void Operands(NodeProto node, RepeatedField<NodeProto> nodes)
    {
        string Other() => random.Next(4) switch { 0 => "", 1 => "nowhere", 2 when node.Input.Count > 0 => Pick(node.Input), _ => Pick(nodes) is { Output.Count: > 0 } n ? n.Output[0] : "" };
        int at = node.Input.Count == 0 ? 0 : random.Next(node.Input.Count);
        switch (random.Next(4))
        {
            case 0 when node.Input.Count > 0: node.Input.RemoveAt(at); break;
            case 1: node.Input.Insert(at, Other()); break;
            case 2 when node.Input.Count > 1: (node.Input[at], node.Input[0]) = (node.Input[0], node.Input[at]); break;
            default:
                if (node.Input.Count > 0) node.Input[at] = Other();
                break;
        }
    }

    private void Change(AttributeProto attribute)
    {
        switch (random.Next(8))
        {
            case 0: attribute.Name = AttributeNames[random.Next(AttributeNames.Length)]; break;
            case 1: attribute.Type = (AttributeType)random.Next(0, 15); break;
            case 2: attribute.RefAttrName = Text(); break;
            case 3 when attribute.T is not null: Change(attribute.T); break;
            default: Fill(attribute); break;
        }
    }

    /// <summary>An attribute of any type, with any values.</summary>
    public AttributeProto Attribute(string name)
    {
        var attribute = new AttributeProto { Name = name, Type = random.Next(3) switch { 0 => AttributeType.Int, 1 => AttributeType.Ints, _ => (AttributeType)random.Next(1, 9) } };
        Fill(attribute);
        return attribute;
    }

    // New values of the type that the attribute has.
    private void Fill(AttributeProto attribute)
    {
        switch (attribute.Type)
        {
            case AttributeType.Int: attribute.I = Integer(); break;
            case AttributeType.Float: attribute.F = Single(); break;
            case AttributeType.String: attribute.S = random.Next(8) == 0 ? ByteString.CopyFrom(0xff, 0xfe) : ByteString.CopyFromUtf8(Text()); break;
            case AttributeType.Ints: Fill(attribute.Ints, Integer); break;
            case AttributeType.Floats: Fill(attribute.Floats, Single); break;
            case AttributeType.Strings: Fill(attribute.Strings, () => ByteString.CopyFromUtf8(Text())); break;
            case AttributeType.Tensor:
                attribute.T ??= new TensorProto();
                Change(attribute.T);
                break;
            case AttributeType.TypeProto when attribute.Tp is not null: Retype(attribute.Tp); break;
        }
    }

    private void Fill<T>(RepeatedField<T> list, Func<T> item)
    {
        switch (random.Next(4))
        {
            case 0: list.Clear(); break;
            case 1 when list.Count > 0: list.RemoveAt(random.Next(list.Count)); break;
            case 2: list.Add(item()); break;
            default:
                for (int i = 0; i < list.Count; i++) list[i] = random.Next(2) == 0 ? item() : list[i];
                break;
        }
    }

    private void Change(TensorProto tensor)
    {
        switch (random.Next(6))
        {
            case 0: tensor.DataType = random.Next(-1, 30); break;
            case 1: Fill(tensor.Dims, Integer); break;
            case 2 when tensor.RawData.Length > 0: tensor.RawData = ByteString.CopyFrom(tensor.RawData.ToByteArray()[..random.Next(tensor.RawData.Length)]); break;
            case 3: tensor.DataLocation = TensorProto.Types.DataLocation.External; tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = Text() }); break;
            case 4 when tensor.DataType == (int)TensorProto.Types.DataType.Int64: Contents(tensor); break;
            default: Fill(tensor.Int64Data, Integer); break;
        }
    }

    private void Contents(TensorProto tensor)
    {
        var bytes = tensor.RawData.ToByteArray();
        for (int i = 0; i + 8 <= bytes.Length; i += 8)
        {
            if (random.Next(2) == 0) BitConverter.TryWriteBytes(bytes.AsSpan(i), Integer());
        }
        tensor.RawData = ByteString.CopyFrom(bytes);
        for (int i = 0; i < tensor.Int64Data.Count; i++) tensor.Int64Data[i] = random.Next(2) == 0 ? Integer() : tensor.Int64Data[i];
    }

    private void Retype(ValueInfoProto value)
    {
        if (random.Next(8) == 0) value.Name = Text();
        else if (random.Next(8) == 0 || value.Type is null) value.Type = new TypeProto();
        else Retype(value.Type);
    }

    private void Retype(TypeProto type)
    {
        if (type.TensorType is not { } tensor)
        {
            if (type.SequenceType?.ElemType is { } element) Retype(element);
            else if (type.OptionalType?.ElemType is { } inner) Retype(inner);
            return;
        }
        if (random.Next(3) == 0) tensor.ElemType = random.Next(-1, 30);
        else if (random.Next(8) == 0) tensor.Shape = null;
        else if (random.Next(8) == 0) type.SequenceType = new TypeProto.Types.Sequence { ElemType = new TypeProto { TensorType = tensor.Clone() } };
        else Fill((tensor.Shape ??= new()).Dim, () => random.Next(2) == 0 ? new() { DimParam = Text() } : new() { DimValue = Integer() });
    }

    private T Pick<T>(RepeatedField<T> list) => list[random.Next(list.Count)];

    private long Integer() => random.Next(3) == 0 ? random.Next(-9, 10) : Integers[random.Next(Integers.Length)];

    private float Single() => Floats[random.Next(Floats.Length)];

    private string Text() => Texts[random.Next(Texts.Length)];
}

using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Execution;
using Strata.Networks;
using Strata.Tensors;
using AttributeType = Strata.Compiler.Frontend.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Strata.Tests.Frontend;

/// <summary>An ONNX model of one node, its operands given as inputs or, from <c>firstConstant</c> on, as initializers.</summary>
internal sealed record SingleNode(string Name, int Version, string Domain = "")
{
    public (string Name, object Value)[] Attributes { get; init; } = [];

    public int Outputs { get; init; } = 1;

    public int FirstConstant { get; init; } = int.MaxValue;

    /// <summary>The serialised model.</summary>
    public byte[] Build(params Tensor?[] operands)
    {
        var node = new NodeProto { OpType = Name, Domain = Domain, Name = "node" };
        var graph = new GraphProto { Name = "graph", Node = { node } };
        for (int i = 0; i < operands.Length; i++)
        {
            node.Input.Add(operands[i] is null ? "" : $"x{i}");
            if (operands[i] is not { } tensor) continue;
            if (i >= FirstConstant) graph.Initializer.Add(OnnxTensors.Write(tensor, $"x{i}"));
            else graph.Input.Add(new ValueInfoProto { Name = $"x{i}", Type = TypeOf(tensor) });
        }
        for (int i = 0; i < Outputs; i++)
        {
            node.Output.Add($"y{i}");
            graph.Output.Add(new ValueInfoProto { Name = $"y{i}" });
        }
        foreach (var (name, value) in Attributes) node.Attribute.Add(Attribute(name, value));
        var model = new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = Domain.Length == 0 ? Version : 18 } } };
        if (Domain.Length > 0) model.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = Version });
        return model.ToByteArray();
    }

    public Network Import(params Tensor?[] operands) => OnnxImporter.Import(OnnxModel.Parse(Build(operands), "node.onnx"));

    /// <summary>The first output.</summary>
    public Tensor Run(params Tensor?[] operands) =>
        (Tensor)new Interpreter(Import(operands)).Run([.. operands.Where((t, i) => t is not null && i < FirstConstant)])[0]!;

    private static TypeProto TypeOf(Tensor tensor)
    {
        var shape = new TensorShapeProto();
        foreach (int dim in tensor.Dims) shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = dim });
        return new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)tensor.ElementType, Shape = shape } };
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case float f: (attribute.Type, attribute.F) = (AttributeType.Float, f); break;
            case string s: (attribute.Type, attribute.S) = (AttributeType.String, ByteString.CopyFromUtf8(s)); break;
            case float[] numbers: attribute.Type = AttributeType.Floats; attribute.Floats.Add(numbers); break;
            case long[] many: attribute.Type = AttributeType.Ints; attribute.Ints.Add(many); break;
            default: (attribute.Type, attribute.I) = (AttributeType.Int, Convert.ToInt64(value, null)); break;
        }
        return attribute;
    }
}

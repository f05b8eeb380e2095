using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;
using AttributeType = Strata.Compiler.Frontend.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Strata.Tests.Frontend;

/// <summary>Models of one node whose operands and attributes are drawn blindly: what no recorded model comes near.</summary>
internal sealed class BlindNodes(Random random)
{
    // Of ONNX Runtime's operators, whose schemas are not listed.
    private static readonly string[] Attributes =
    [
        "K", "N", "activation", "activation_alpha", "activation_params", "activation_type", "alpha", "axes", "axis", "bits", "block_size", "channels_last", "do_rotary", "epsilon", "expert_weight_bits", "gather_axis",
        "groups", "hidden_size", "k", "keepdims", "kv_num_heads", "mode", "num_heads", "opset", "q_num_heads", "quant_type", "quantize_axis", "qkv_hidden_sizes", "scale", "signal_ndim", "size", "step", "swiglu_fusion",
        "transA", "transB", "transBatchA", "unidirectional", "kernel_shape", "pads", "strides", "mask_filter_value",
        .. OnnxSchema.All.SelectMany(s => s.Attributes).Distinct(),
    ];

    private static readonly ElementType[] Types = [ElementType.Float32, ElementType.Float32, ElementType.Float32, ElementType.UInt8, ElementType.Int8, ElementType.Int64, ElementType.Int32, ElementType.Float16, ElementType.Bool, ElementType.String];

    /// <summary>A model, and values for its inputs.</summary>
    public (byte[] Model, Tensor[] Inputs) Draw(OnnxOperator row)
    {
        var node = new NodeProto { OpType = row.Name, Domain = row.Domain, Name = "blind" };
        var graph = new GraphProto { Name = "graph", Node = { node } };
        var inputs = new List<Tensor>();
        var usual = Types[random.Next(Types.Length)];
        int[] dims = Dims();
        for (int i = random.Next(0, random.Next(3) == 0 ? 16 : 6); i > 0; i--)
        {
            if (random.Next(3) == 0) usual = Types[random.Next(Types.Length)];
            if (random.Next(3) == 0) dims = Dims();
            var tensor = usual == ElementType.String ? Tensor.FromStrings(dims, [.. Enumerable.Repeat("a", Tensor.CountOf(dims))]) : Tensor.FromInt64s(usual, dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => random.NextInt64(-2, 5))]);
            string name = random.Next(10) == 0 ? "" : $"x{node.Input.Count}";
            node.Input.Add(name);
            if (name.Length == 0) continue;
            if (random.Next(3) == 0)
            {
                graph.Initializer.Add(OnnxTensors.Write(tensor, name));
                continue;
            }
            graph.Input.Add(new ValueInfoProto { Name = name, Type = OnnxTypes.Write(random.Next(5) == 0 ? new TensorType(usual, null) : TensorType.Of(tensor)) });
            inputs.Add(tensor);
        }
        for (int i = random.Next(1, random.Next(3) == 0 ? 5 : 2); i > 0; i--)
        {
            node.Output.Add($"y{i}");
            graph.Output.Add(new ValueInfoProto { Name = $"y{i}" });
        }
        var mutator = new ModelMutator(random);
        var known = row.Domain == "com.microsoft" ? Attributes : [.. OnnxSchema.All.Where(s => s.TableDomain == row.Domain && s.Name == row.Name).SelectMany(s => s.Attributes).Distinct()];
        for (int i = random.Next(0, 5); i > 0 && known.Length > 0; i--) node.Attribute.Add(mutator.Attribute(known[random.Next(known.Length)]));
        var model = new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = row.Domain.Length == 0 ? row.Since : 21 } } };
        if (row.Domain.Length > 0) model.OpsetImport.Add(new OperatorSetIdProto { Domain = row.Domain, Version = row.Since });
        return (model.ToByteArray(), [.. inputs]);
    }

    private int[] Dims() => [.. Enumerable.Range(0, random.Next(0, 5)).Select(_ => random.Next(8) == 0 ? 0 : random.Next(1, 5))];
}

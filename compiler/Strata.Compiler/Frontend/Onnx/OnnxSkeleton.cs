using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>A model without its weights: what is left says which nodes there are, how they connect, and what all is called.</summary>
public static class OnnxSkeleton
{
    /// <summary>The message without initializers, elements of tensors in attributes, and what no encoded network keeps: descriptions of nodes and values, and who made the model.</summary>
    public static byte[] Serialize(OnnxModel model)
    {
        var proto = model.Proto.Clone();
        foreach (var (tensor, replace) in OnnxTensors.All(proto)) replace(new TensorProto { Name = tensor.Name, DataType = tensor.DataType, Dims = { tensor.Dims } });
        (proto.DocString, proto.ProducerName, proto.ProducerVersion) = ("", "", "");
        proto.MetadataProps.Clear();
        Strip(proto.Graph);
        foreach (var function in proto.Functions)
        {
            function.DocString = "";
            function.MetadataProps.Clear();
            Strip(function.Node);
        }
        return proto.ToByteArray();
    }

    private static void Strip(GraphProto graph)
    {
        graph.Initializer.Clear();
        graph.SparseInitializer.Clear();
        graph.MetadataProps.Clear();
        graph.DocString = "";
        foreach (var value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
        {
            value.DocString = "";
            value.MetadataProps.Clear();
        }
        Strip(graph.Node);
    }

    private static void Strip(IEnumerable<NodeProto> nodes)
    {
        foreach (var node in nodes)
        {
            node.DocString = "";
            node.MetadataProps.Clear();
            foreach (var attribute in node.Attribute)
            {
                attribute.DocString = "";
                if (attribute.G is { } graph) Strip(graph);
                foreach (var each in attribute.Graphs) Strip(each);
            }
        }
    }
}

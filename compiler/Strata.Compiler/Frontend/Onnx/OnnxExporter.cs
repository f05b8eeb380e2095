using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Networks.Text;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>
/// Writes a network as a standard ONNX model. A core operator has the form of the newest ONNX operator it stands for, so
/// one table row serves both directions; captured values become uses of the outer graph's names again.
/// </summary>
public sealed class OnnxExporter
{
    // Attributes that ONNX requires even where ours equal their default.
    private static readonly HashSet<(string Operator, string Attribute)> Required = 
    [
        ("BitShift", "direction"), ("Concat", "axis"), ("ConcatFromSequence", "axis"), ("DepthToSpace", "blocksize"), ("SpaceToDepth", "blocksize"),
        ("TfIdfVectorizer", "max_gram_length"), ("TfIdfVectorizer", "max_skip_count"), ("TfIdfVectorizer", "min_gram_length"), ("TfIdfVectorizer", "mode"),
        ("TfIdfVectorizer", "ngram_counts"), ("TfIdfVectorizer", "ngram_indexes"), ("TreeEnsemble", "n_targets"), ("TreeEnsembleRegressor", "n_targets"),
    ];

    // All attributes of operators up to this operator set may be written; newer operators raise it.
    private const int LeastOpset = 21;

    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> opsets = new(StringComparer.Ordinal) { [""] = LeastOpset };
    private readonly List<string> unsupported = [];
    private HashSet<string> nodeNames = new(StringComparer.Ordinal); // of the graph at hand

    private OnnxExporter() { }

    /// <summary>Exports a network; the result is a serialised <c>ModelProto</c>.</summary>
    /// <exception cref="UnsupportedOperatorException">Lists every layer that ONNX cannot express.</exception>
    public static byte[] Export(Network network) => new OnnxExporter().Model(network).ToByteArray();

    private ModelProto Model(Network network)
    {
        var graph = Graph(network, new Dictionary<Value, string>());
        if (unsupported.Count > 0) throw new UnsupportedOperatorException(unsupported);
        var model = new ModelProto { ProducerName = "strata", Graph = graph, IrVersion = IrVersion(opsets[""]) };
        foreach (var (domain, version) in opsets) model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        foreach (var (key, value) in network.Metadata)
        {
            if (key == "onnx.doc") model.DocString = value;
            else if (key == "onnx.domain") model.Domain = value;
            else model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }
        return model;
    }

    // IR version by operator set: ONNX's table of releases (docs/Versioning).
    private static long IrVersion(int opset) => opset switch { <= 22 => 10, 23 => 11, 24 => 12, <= 26 => 13, _ => 14 };

    // The graph of a network; inputs that stand for captured values bear the outer graph's names instead of being inputs.
    private GraphProto Graph(Network network, IReadOnlyDictionary<Value, string> captured)
    {
        var outerNodeNames = nodeNames;
        nodeNames = new(StringComparer.Ordinal);
        var graph = new GraphProto { Name = network.Name.Length > 0 ? network.Name : "network" };
        foreach (var value in network.Inputs.Concat(network.Constants).Concat(network.Layers.SelectMany(l => l.Outputs).OfType<Value>())) Need("", OperatorSets.Needed(value.Type));
        var valueNames = new Dictionary<Value, string>(captured, ReferenceEqualityComparer.Instance);
        foreach (var input in network.Inputs)
        {
            if (captured.ContainsKey(input)) continue;
            valueNames[input] = Unique(input.Name);
            graph.Input.Add(new ValueInfoProto { Name = valueNames[input], Type = OnnxTypes.Write(input.Type) });
        }
        NameOutputs(network, valueNames);
        foreach (var constant in network.Constants)
        {
            valueNames[constant] = Unique(constant.Name);
            graph.Initializer.Add(OnnxTensors.Write(constant.Constant!.Materialize(), valueNames[constant]));
        }
        foreach (var layer in network.Layers) graph.Node.Add(Node(layer, valueNames));
        foreach (var output in network.Outputs)
        {
            string name = valueNames[output.Value];
            if (name != output.Name || output.Value.Producer is null)
            {
                string own = name == output.Name ? Unique(output.Name + "_output") : Unique(output.Name);
                graph.Node.Add(new NodeProto { OpType = "Identity", Input = { name }, Output = { own } });
                name = own;
            }
            graph.Output.Add(new ValueInfoProto { Name = name, Type = OnnxTypes.Write(output.Value.Type) });
        }
        nodeNames = outerNodeNames;
        return graph;
    }

    // A layer's result that is an output bears the output's name, so that no copy is needed.
    private void NameOutputs(Network network, Dictionary<Value, string> valueNames)
    {
        foreach (var output in network.Outputs)
        {
            if (output.Value.Producer is not null && !valueNames.ContainsKey(output.Value) && names.Add(output.Name)) valueNames[output.Value] = output.Name;
        }
    }

    private NodeProto Node(Layer layer, Dictionary<Value, string> valueNames)
    {
        // A node need not have a name; two of one graph must not have the same, as the layers of one lowered node do.
        var node = new NodeProto { Name = layer.Name.Length > 0 ? Unique(layer.Name, nodeNames) : "" };
        int captures = Captures(layer);
        var operands = layer.Inputs.AsSpan()[..(layer.Inputs.Length - captures)];
        foreach (var operand in operands) node.Input.Add(operand is null ? "" : valueNames[operand]);
        foreach (var output in layer.Outputs)
        {
            if (output is not null && !valueNames.ContainsKey(output)) valueNames[output] = Unique(output.Name);
            node.Output.Add(output is null ? "" : valueNames[output]);
        }
        // Of these, ONNX demands outputs that nobody wants.
        while (node.Output.Count < LeastOutputs(layer)) node.Output.Add(Unique("unused"));
        while (node.Output is [.., ""] && layer.Operator is not Split) node.Output.RemoveAt(node.Output.Count - 1);

        if (OperatorTable.FindDirect(layer.Operator) is not { } row)
        {
            unsupported.Add($"layer '{layer.Name}' ({layer.Operator}): ONNX has no operator for it");
            return node;
        }
        (node.OpType, node.Domain) = (row.Name, row.Domain);
        if (row.Domain.Length == 0) node.ClearDomain();
        Need(row.Domain, row.Domain.Length == 0 ? OperatorSets.Needed(layer, row) : row.Since);

        string[] capturedNames = [.. layer.Inputs.Skip(operands.Length).Select(v => valueNames[v!])];
        layer.Operator.Walk(new OnnxAttributeWriter(node, body =>
        {
            // Captured values are the last inputs of every body, in the order of the layer's last operands.
            var inner = new Dictionary<Value, string>(ReferenceEqualityComparer.Instance);
            for (int i = 0; i < captures; i++) inner[body.Inputs[body.Inputs.Length - captures + i]] = capturedNames[i];
            return Graph(body, inner);
        }));
        RemoveDefaults(node, AttributeDefaults.Changed(layer.Operator, row.Direct!));
        return node;
    }

    private static int LeastOutputs(Layer layer) => layer.Operator switch
    {
        Loop loop => loop.Body.Outputs.Length - 1,
        Scan scan => scan.Body.Outputs.Length,
        StringSplit or SvmClassifier or TreeEnsembleClassifier => 2,
        DynamicQuantizeLinear => 3,
        BatchNormalization { TrainingMode: true } when layer.Outputs.Length > 1 => 3,
        _ => 0,
    };

    private static int Captures(Layer layer) => layer.Operator switch
    {
        If => layer.Inputs.Length - 1,
        Loop loop => (int)loop.Captures,
        Scan scan => (int)scan.Captures,
        SequenceMap map => (int)map.Captures,
        _ => 0,
    };

    // An operator set knows an attribute from some version on; its default never needs saying.
    private static void RemoveDefaults(NodeProto node, HashSet<string> changed)
    {
        for (int i = node.Attribute.Count - 1; i >= 0; i--)
        {
            string name = node.Attribute[i].Name;
            if (name == "captures" || !changed.Contains(name) && !Required.Contains((node.OpType, name))) node.Attribute.RemoveAt(i);
        }
    }

    private void Need(string domain, int version) => opsets[domain] = Math.Max(opsets.GetValueOrDefault(domain, 1), version);

    private string Unique(string wish) => Unique(wish.Length == 0 ? "value" : wish, names);

    private static string Unique(string wish, HashSet<string> taken)
    {
        string name = wish;
        for (int suffix = 1; !taken.Add(name); suffix++) name = $"{wish}_{suffix}";
        return name;
    }
}

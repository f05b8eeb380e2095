using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Networks.Text;
using Strata.Operators;
using Strata.Passes;
using Strata.Passes.Decomposition;
using Strata.Passes.Rules;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>
/// Writes a network as a standard ONNX model of the least operator set that expresses it. A core operator has the form of the
/// newest ONNX operator it stands for, so one table row serves both directions; captured values become uses of the outer graph's
/// names again, and a constant of several graphs is stored once, in the innermost graph around them.
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

    // What other tools want written in more layers than ONNX does.
    private static readonly RulePass Spelling = new("spell-out", "write out what other tools do not take otherwise", new ExpandClippedAttention(), new ExpandAttentionMask(), new ExpandInterleave(), new ChooseConvTranspose(ConvTransposeMethod.Auto));

    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> opsets = new(StringComparer.Ordinal) { [""] = OperatorSets.Oldest };
    private readonly Dictionary<Network, Dictionary<Constant, Value>> contents = new(ReferenceEqualityComparer.Instance); // bodies included
    private readonly Dictionary<Constant, int> depths = new(ReferenceEqualityComparer.Instance); // of the graph that stores a constant
    private readonly Dictionary<Constant, string> constantNames = new(ReferenceEqualityComparer.Instance);
    private readonly List<(TensorProto Tensor, Constant Constant)> weights = [];
    private readonly List<(NodeProto Node, NodeProto Older, int Version)> forms = []; // from this version on, the older form is no more
    private readonly List<string> unsupported = [];
    private HashSet<string> nodeNames = new(StringComparer.Ordinal); // of the graph at hand

    private OnnxExporter() { }

    /// <summary>Exports a network; the result is a serialised <c>ModelProto</c>.</summary>
    /// <exception cref="UnsupportedOperatorException">Lists every layer that ONNX cannot express.</exception>
    /// <exception cref="ResourceLimitException">The model is larger than a message can be.</exception>
    public static byte[] Export(Network network) => Of(network).ToBytes();

    /// <summary>
    /// Exports a network to a file. Weights that a message cannot hold, or all but the small ones where that is asked for, go to the
    /// file <c>PATH.data</c> beside it, one after another.
    /// </summary>
    /// <returns>The bytes written, external data included.</returns>
    /// <inheritdoc cref="Export(Network)" path="/exception[1]"/>
    public static long Export(Network network, string path, bool externalData = false) => Of(network).Write(path, externalData, OnnxExport.MostEmbedded);

    internal static OnnxExport Of(Network network)
    {
        var exporter = new OnnxExporter();
        return new(exporter.Model(SpellOut(WidenFloat13.Apply(network))), exporter.weights);
    }

    // Layers that made up what is written as one are written no more.
    private static Network SpellOut(Network network)
    {
        var written = Spelling.Run(network, new PassContext());
        return HasInterleave(network) ? new RemoveDeadLayers().Run(written, new PassContext()) : written;
    }

    private static bool HasInterleave(Network network) => network.Layers.Any(l => l.Operator is Interleave || l.Operator.Bodies.Any(HasInterleave));

    private ModelProto Model(Network network)
    {
        Place(network, 0);
        var graph = Graph(network, new Dictionary<Value, string>(), 0);
        WriteOlderForms(graph);
        if (unsupported.Count > 0) throw new UnsupportedOperatorException(unsupported);
        var model = new ModelProto { ProducerName = "strata", Graph = graph, IrVersion = OperatorSets.IrVersion(opsets[""]) };
        foreach (var (domain, version) in opsets) model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        foreach (var (key, value) in network.Metadata)
        {
            if (key == "onnx.doc") model.DocString = value;
            else if (key == "onnx.domain") model.Domain = value;
            else model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }
        return model;
    }

    // The constants of a network and its bodies. A graph that uses one itself, or in two of its bodies, stores it.
    private Dictionary<Constant, Value> Place(Network network, int depth)
    {
        var found = new Dictionary<Constant, Value>(ReferenceEqualityComparer.Instance);
        contents[network] = found;
        foreach (var value in network.Constants) Add(value);
        foreach (var body in network.Layers.SelectMany(l => l.Operator.Bodies))
        {
            foreach (var (constant, value) in Place(body, depth + 1))
            {
                if (found.ContainsKey(constant)) depths[constant] = Math.Min(depths[constant], depth);
                else found[constant] = value;
            }
        }
        return found;

        void Add(Value value)
        {
            found.TryAdd(value.Constant!, value);
            depths[value.Constant!] = Math.Min(depths.GetValueOrDefault(value.Constant!, depth), depth);
        }
    }

    // The graph of a network; inputs that stand for captured values bear the outer graph's names instead of being inputs.
    private GraphProto Graph(Network network, IReadOnlyDictionary<Value, string> captured, int depth)
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
        foreach (var (constant, value) in contents[network].Where(c => depths[c.Key] == depth))
        {
            string name = constantNames[constant] = Unique(value.Name);
            graph.Initializer.Add(OnnxTensors.Declare(constant.Type.ElementType, constant.Dims, name));
            weights.Add((graph.Initializer[^1], constant));
        }
        foreach (var constant in network.Constants) valueNames[constant] = constantNames[constant.Constant!];
        foreach (var layer in network.Layers) graph.Node.Add(Node(layer, valueNames, depth));
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

    private NodeProto Node(Layer layer, Dictionary<Value, string> valueNames, int depth)
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
        string[] capturedNames = [.. layer.Inputs.Skip(operands.Length).Select(v => valueNames[v!])];
        layer.Operator.Walk(new OnnxAttributeWriter(node, body =>
        {
            // Captured values are the last inputs of every body, in the order of the layer's last operands.
            var inner = new Dictionary<Value, string>(ReferenceEqualityComparer.Instance);
            for (int i = 0; i < captures; i++) inner[body.Inputs[body.Inputs.Length - captures + i]] = capturedNames[i];
            return Graph(body, inner, depth + 1);
        }));
        RemoveDefaults(node, AttributeDefaults.Changed(layer.Operator, row.Direct!));
        int needed = OperatorSets.Needed(layer, row, node);
        if (OlderForms.Of(layer, row, node) is { } older && older.Version < needed)
        {
            forms.Add((node, older.Node, OperatorTable.FirstDirect(layer.Operator)));
            needed = older.Version;
        }
        Need(row.Domain, needed);
        return node;
    }

    // Where no other layer needs a version without them. Operands that have become attributes need not be stored.
    private void WriteOlderForms(GraphProto graph)
    {
        var replaced = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (node, older, version) in forms.Where(f => opsets[""] < f.Version))
        {
            replaced.UnionWith(node.Input);
            node.Input.Clear();
            node.Input.Add(older.Input);
            node.Attribute.Clear();
            node.Attribute.Add(older.Attribute);
        }
        if (replaced.Count == 0) return;
        var graphs = new List<GraphProto> { graph };
        for (int i = 0; i < graphs.Count; i++) graphs.AddRange(graphs[i].Node.SelectMany(n => n.Attribute).Where(a => a.G is not null).Select(a => a.G));
        replaced.ExceptWith(graphs.SelectMany(g => g.Node.SelectMany(n => n.Input).Concat(g.Output.Select(o => o.Name))));
        foreach (var inner in graphs)
        {
            for (int i = inner.Initializer.Count - 1; i >= 0; i--)
            {
                if (replaced.Contains(inner.Initializer[i].Name)) inner.Initializer.RemoveAt(i);
            }
        }
        weights.RemoveAll(w => replaced.Contains(w.Tensor.Name));
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

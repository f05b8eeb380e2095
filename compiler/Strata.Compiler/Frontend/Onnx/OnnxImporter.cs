using System.Collections.Immutable;
using Strata.Compiler.Frontend.Onnx.Lowering;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>
/// Turns an ONNX model into a network: versions are normalised to the newest form of each operator, model-local functions
/// are inlined, nested graphs are closed. Every unsupported node is found before the import fails.
/// </summary>
public sealed class OnnxImporter
{
    private readonly OnnxModel model;
    private readonly ImportOptions options;
    private readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> functions = [];
    private readonly List<UnsupportedNode> unsupported = []; // in order, each once
    private int depth, nodes;

    private OnnxImporter(OnnxModel model, ImportOptions options)
    {
        (this.model, this.options) = (model, options);
        foreach (var function in model.Proto.Functions) functions[(OpsetVersions.Normalize(function.Domain), function.Name, function.Overload)] = function;
    }

    /// <summary>Imports a model.</summary>
    /// <exception cref="UnsupportedOperatorException">Lists every node that cannot be imported.</exception>
    /// <exception cref="StrataFormatException">The model is malformed.</exception>
    /// <exception cref="InvalidNetworkException">A node breaks its operator's rules.</exception>
    public static Network Import(OnnxModel model, ImportOptions? options = null)
    {
        var importer = new OnnxImporter(model, options ?? ImportOptions.Default);
        return importer.Run() ?? throw new UnsupportedOperatorException([.. importer.unsupported.Select(u => $"{model.Name}: {u}")]);
    }

    /// <summary>Imports as far as possible: the network if there is one, all unsupported nodes, and the error that ended the import.</summary>
    internal static (Network? Network, IReadOnlyList<UnsupportedNode> Unsupported, StrataException? Error) TryImport(OnnxModel model)
    {
        var importer = new OnnxImporter(model, ImportOptions.Default);
        try
        {
            return (importer.Run(), importer.unsupported, null);
        }
        catch (StrataException error)
        {
            return (null, importer.unsupported, error);
        }
    }

    // Null when a node is unsupported.
    private Network? Run()
    {
        var proto = model.Proto;
        var scope = new ImportScope(new NetworkBuilder(proto.Graph.Name) { Metadata = ReadMetadata(proto) }, null, OpsetVersions.Of(proto.OpsetImport));
        CheckFixedDims(proto.Graph);
        DefineConstants(scope, proto.Graph);
        var inputNames = new HashSet<string>(StringComparer.Ordinal);
        foreach (var input in proto.Graph.Input)
        {
            if (!inputNames.Add(input.Name)) throw new StrataFormatException($"{model.Name}: two inputs are called '{input.Name}'");
            // An initializer that is also listed as an input is its default (IR version 3 lists all of them): a constant.
            if (!scope.TryFind(input.Name, out _)) scope.Define(input.Name, scope.Builder.Input(input.Name, OnnxTypes.Read(input.Type, input.Name, options.Dims)));
        }
        ImportNodes(scope, proto.Graph, constantsDefined: true);
        return unsupported.Count == 0 ? scope.Builder.Build() : null;
    }

    /// <summary>Imports the nodes of a graph and names its outputs; false when a node is unsupported.</summary>
    internal bool ImportNodes(ImportScope scope, GraphProto graph, bool constantsDefined = false)
    {
        if (depth >= Limits.NestingDepth) throw new StrataFormatException($"{model.Name}: graphs nest deeper than {Limits.NestingDepth}");
        if (!constantsDefined) DefineConstants(scope, graph);
        ImportNested(scope, GraphOrder.Of(graph));
        foreach (var output in graph.Output)
        {
            if (!scope.TryFind(output.Name, out var value)) throw new StrataFormatException($"{model.Name}: graph output '{output.Name}' is not computed by any node");
            if (value is not null && value != ImportScope.Unavailable) scope.Builder.Output(output.Name, value);
        }
        return graph.Output.All(o => scope.TryFind(o.Name, out var value) && value != ImportScope.Unavailable);
    }

    private void ImportNested(ImportScope scope, IEnumerable<NodeProto> graph)
    {
        depth++;
        try
        {
            foreach (var node in graph) ImportNode(scope, node);
        }
        finally
        {
            depth--; // an importer of bodies may try again with other types
        }
    }

    /// <summary>Imports a graph with one output into the network of the scope around it; the output is <see cref="ImportScope.Unavailable"/> after an unsupported node.</summary>
    internal Value InlineGraph(ImportScope scope, GraphProto graph, ReadOnlySpan<Value> inputs)
    {
        if (graph.Input.Count != inputs.Length || graph.Output.Count != 1) throw new InvalidNetworkException($"graph '{graph.Name}' must take {inputs.Length} inputs and give one output");
        if (depth >= Limits.NestingDepth) throw new StrataFormatException($"{model.Name}: graphs nest deeper than {Limits.NestingDepth}");
        var inner = new ImportScope(scope.Builder, scope, scope.Opsets);
        for (int i = 0; i < inputs.Length; i++) inner.Define(graph.Input[i].Name, inputs[i]);
        DefineConstants(inner, graph);
        ImportNested(inner, GraphOrder.Of(graph));
        return inner.TryFind(graph.Output[0].Name, out var value) && value is not null ? value : throw new StrataFormatException($"{model.Name}: graph output '{graph.Output[0].Name}' is not computed by any node");
    }

    private void DefineConstants(ImportScope scope, GraphProto graph)
    {
        foreach (var tensor in graph.Initializer) scope.Define(tensor.Name, scope.Builder.Constant(model.Constant(tensor), tensor.Name));
        foreach (var sparse in graph.SparseInitializer)
        {
            var dense = SparseTensors.Densify(sparse);
            scope.Define(sparse.Values.Name, scope.Builder.Constant(dense, sparse.Values.Name));
        }
    }

    private void ImportNode(ImportScope scope, NodeProto node)
    {
        // Functions that call each other twice, and bodies that are imported again with wider types, multiply.
        if (++nodes > Limits.Values) throw new ResourceLimitException($"{model.Name}: more than {Limits.Values} nodes once functions are inlined, reached at {Describe(node)}");
        string domain = OpsetVersions.Normalize(node.Domain);
        var inputs = ImmutableArray.CreateBuilder<Value?>(node.Input.Count);
        foreach (string name in node.Input)
        {
            Value? value = null;
            if (name.Length > 0 && !scope.TryFind(name, out value))
                throw new StrataFormatException($"{model.Name}: {Describe(node)} uses '{name}', which no input, initializer or earlier node defines");
            inputs.Add(value);
        }

        try
        {
            if (functions.TryGetValue((domain, node.OpType, node.Overload), out var function))
            {
                Inline(scope, node, function, inputs);
                return;
            }
            var (row, version) = Select(scope, node, domain);
            if (!inputs.Contains(ImportScope.Unavailable))
            {
                var lowering = new NodeLowering(this, scope, node, version, inputs.ToImmutable(), new OnnxAttributeReader(model, Attributes(node, scope.FunctionAttributes)));
                row.Lower(lowering);
                lowering.CheckComplete();
                return;
            }
        }
        catch (UnsupportedOperatorException error)
        {
            foreach (string occurrence in error.Occurrences)
            {
                var found = new UnsupportedNode(NameOf(node), (node.Domain.Length > 0 ? node.Domain + "." : "") + node.OpType, scope.Opsets[domain], occurrence);
                if (!unsupported.Contains(found)) unsupported.Add(found);
            }
        }
        catch (StrataException error) when (error is InvalidNetworkException or InvalidInputException or StrataFormatException && !error.Message.StartsWith(model.Name, StringComparison.Ordinal))
        {
            string message = $"{model.Name}: {Describe(node)}{(scope.Opsets[domain] is { } version ? $", operator set {version}" : "")}: {error.Message}";
            throw error is StrataFormatException ? new StrataFormatException(message, error) : new InvalidNetworkException(message, error);
        }
        foreach (string output in node.Output) scope.Define(output, ImportScope.Unavailable);
    }

    private (OnnxOperator Row, int Version) Select(ImportScope scope, NodeProto node, string domain)
    {
        // Old exporters use com.microsoft operators without importing the domain; its only version is 1.
        int version = scope.Opsets[domain] ?? (domain.Length > 0 ? 1 : throw new UnsupportedOperatorException("the model imports no operator set of the default domain"));
        if (domain.Length == 0 && version > NewestOpset) throw new UnsupportedOperatorException($"operator set {version} is newer than {NewestOpset}, the newest known");
        var rows = OperatorTable.Find(domain, node.OpType);
        if (rows.Count == 0) throw new UnsupportedOperatorException(OperatorTable.ReasonAgainst(domain, node.OpType));
        var row = rows.FirstOrDefault(r => r.Since <= version)
            ?? throw new UnsupportedOperatorException($"the operator is supported from operator set {rows[^1].Since} on; convert the model to a newer one");
        return (row, version);
    }

    /// <summary>The newest operator set of the default domain that the importer knows (ONNX 1.23).</summary>
    internal const int NewestOpset = 28;

    private void Inline(ImportScope scope, NodeProto node, FunctionProto function, IReadOnlyList<Value?> inputs)
    {
        if (inputs.Count > function.Input.Count) throw new InvalidNetworkException($"{inputs.Count} operands are given, function '{function.Name}' takes {function.Input.Count}");
        if (depth >= Limits.NestingDepth) throw new StrataFormatException($"{model.Name}: function '{function.Name}' calls itself or functions nest deeper than {Limits.NestingDepth}");
        var given = Attributes(node, scope.FunctionAttributes);
        var values = new Dictionary<string, AttributeProto>(StringComparer.Ordinal);
        foreach (var attribute in function.AttributeProto) values[attribute.Name] = attribute;
        foreach (string name in function.Attribute)
        {
            if (given.TryGetValue(name, out var value)) values[name] = value;
        }
        foreach (var (name, value) in given)
        {
            if (!function.Attribute.Contains(name) && !values.ContainsKey(name)) throw new UnsupportedOperatorException($"function '{function.Name}' has no attribute '{name}'");
            values[name] = value;
        }

        // The function's names live in a scope of their own, but its layers go into the caller's network.
        var inner = new ImportScope(scope.Builder, null, OpsetVersions.Of(function.OpsetImport)) { FunctionAttributes = values };
        for (int i = 0; i < function.Input.Count; i++) inner.Define(function.Input[i], i < inputs.Count ? inputs[i] : null);
        ImportNested(inner, function.Node);
        for (int i = 0; i < node.Output.Count && i < function.Output.Count; i++)
        {
            if (!inner.TryFind(function.Output[i], out var value)) throw new StrataFormatException($"{model.Name}: function '{function.Name}' does not compute its output '{function.Output[i]}'");
            if (node.Output[i].Length > 0) scope.Define(node.Output[i], value);
        }
    }

    // Attributes of a node, references to attributes of the enclosing function resolved.
    private static Dictionary<string, AttributeProto> Attributes(NodeProto node, IReadOnlyDictionary<string, AttributeProto>? values)
    {
        var attributes = new Dictionary<string, AttributeProto>(StringComparer.Ordinal);
        foreach (var attribute in node.Attribute)
        {
            if (attribute.RefAttrName.Length == 0) attributes[attribute.Name] = attribute;
            else if (values is not null && values.TryGetValue(attribute.RefAttrName, out var value)) attributes[attribute.Name] = value;
        }
        return attributes;
    }

    /// <summary>The symbolic dimensions of a graph's inputs: by their name, or as <c>input.axis</c> where they have none.</summary>
    internal static HashSet<string> SymbolsOf(GraphProto graph) => graph.Input.Where(i => i.Type?.TensorType?.Shape is not null)
        .SelectMany(i => i.Type.TensorType.Shape.Dim.Select((d, axis) => d.DimValue > 0 ? "" : d.DimParam.Length > 0 ? d.DimParam : $"{i.Name}.{axis}"))
        .Where(name => name.Length > 0).ToHashSet(StringComparer.Ordinal);

    private void CheckFixedDims(GraphProto graph)
    {
        var known = SymbolsOf(graph);
        foreach (var (name, value) in options.Dims)
        {
            if (!known.Contains(name)) throw new InvalidOptionException($"{model.Name} has no symbolic dimension '{name}'; it has {(known.Count == 0 ? "none" : string.Join(", ", known.Order(StringComparer.Ordinal)))}");
            if (value is < 0 or > int.MaxValue) throw new InvalidOptionException($"{model.Name}: dimension '{name}' cannot be {value}; allowed are 0 to {int.MaxValue}");
        }
    }

    private static ImmutableSortedDictionary<string, string> ReadMetadata(ModelProto proto)
    {
        var metadata = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        Add("onnx.producer", $"{proto.ProducerName} {proto.ProducerVersion}".Trim());
        Add("onnx.domain", proto.Domain);
        Add("onnx.doc", proto.DocString);
        if (proto.HasModelVersion && proto.ModelVersion != 0) Add("onnx.model_version", proto.ModelVersion.ToString(System.Globalization.CultureInfo.InvariantCulture));
        foreach (var entry in proto.MetadataProps) Add(entry.Key, entry.Value);
        return metadata.ToImmutable();

        void Add(string key, string value)
        {
            if (value.Length > 0) metadata[key] = value;
        }
    }

    private static string NameOf(NodeProto node) => node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault("");

    private static string Describe(NodeProto node) => $"'{NameOf(node)}' ({(node.Domain.Length > 0 ? node.Domain + "." : "")}{node.OpType})";
}

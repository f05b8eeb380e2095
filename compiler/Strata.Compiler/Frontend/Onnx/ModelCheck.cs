using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>How much a finding matters.</summary>
public enum FindingKind
{
    /// <summary>The model does not compile, or its network does not run, because of it.</summary>
    Unsupported,
    /// <summary>The model breaks a rule of ONNX.</summary>
    Invalid,
    /// <summary>It compiles, but probably not as meant.</summary>
    Suspicious,
    /// <summary>Worth knowing before compiling.</summary>
    Note,
}

/// <summary>Something that a check found.</summary>
/// <param name="Kind">How much it matters.</param>
/// <param name="Where">The node, initializer, input or dimension.</param>
/// <param name="Operator">The node's operator, or null.</param>
/// <param name="Opset">The node's operator set version, or null.</param>
/// <param name="Message">What is the matter.</param>
/// <param name="Advice">What to do.</param>
public sealed record Finding(FindingKind Kind, string Where, string? Operator, int? Opset, string Message, string Advice);

/// <summary>Finds everything unsupported or suspicious in a model at once, and never throws for what it finds.</summary>
public static class ModelCheck
{
    /// <summary>Checks a model. Findings are in order of importance, then of the model.</summary>
    public static IReadOnlyList<Finding> Run(OnnxModel model)
    {
        var findings = new List<Finding>();
        var (network, unsupported, error) = OnnxImporter.TryImport(model);
        foreach (var node in unsupported)
        {
            var (message, advice) = Advise(node.Reason);
            findings.Add(new(FindingKind.Unsupported, node.Node, node.Operator, node.Opset, message, advice));
        }
        if (error is not null) findings.Add(new(FindingKind.Invalid, model.Name, null, null, error.Message, "Correct the model, or export it again with a current exporter."));
        if (network is not null) CheckNetwork(network, findings);
        CheckGraph(model.Proto, findings);
        CheckTensors(model, findings);
        return [.. findings.OrderBy(f => f.Kind)];
    }

    // A reason ends in what to do, in what is allowed, or says nothing further.
    private static (string Message, string Advice) Advise(string reason)
    {
        if (reason.Contains("convert the model", StringComparison.Ordinal)) return (reason, "Convert the model with onnx.version_converter.");
        if (reason.Contains("newer than", StringComparison.Ordinal)) return (reason, $"Export the model for operator set {OnnxImporter.NewestOpset} or older.");
        int end = reason.IndexOf("; ", StringComparison.Ordinal);
        bool advises = end >= 0 && !Facts.Any(f => reason.AsSpan(end + 2).StartsWith(f, StringComparison.Ordinal));
        return advises
            ? (reason[..end], $"{char.ToUpperInvariant(reason[end + 2])}{reason[(end + 3)..]}.")
            : (reason, "Export the model without it, or fold it away with a simplifier if its inputs are constant.");
    }

    private static readonly string[] Facts = ["allowed", "supported", "known", "there is"];

    private static void CheckNetwork(Network network, List<Finding> findings)
    {
        try
        {
            NetworkVerifier.Verify(network);
        }
        catch (StrataException error)
        {
            findings.Add(new(FindingKind.Invalid, network.Name, null, null, error.Message, "Correct the model, or export it again with a current exporter."));
        }
        foreach (var layer in AllLayers(network))
        {
            if (ReferenceEvaluations.Find(layer.Operator) is null)
                findings.Add(new(FindingKind.Unsupported, layer.Name, layer.Operator.ToString(), null, "the operator compiles, but this build cannot run it", "Run the network with a build that has it."));
        }
        foreach (var input in network.Inputs)
        {
            if (input.Type is TensorType { Shape: null })
                findings.Add(new(FindingKind.Note, $"input '{input.Name}'", null, null, "no declared rank, so nothing that depends on it has a known shape", "Declare its shape when exporting."));
        }
        foreach (string symbol in Fidelity.RandomInputs.Symbols(network))
            findings.Add(new(FindingKind.Note, $"dimension '{symbol}'", null, null, "symbolic: fixed by the inputs of each run", "Give --dim NAME=N to compile for one size."));
        foreach (string name in network.Inputs.Where(i => !Uses(network).Contains(i)).Select(i => i.Name))
            findings.Add(new(FindingKind.Suspicious, $"input '{name}'", null, null, "used by no node", "Remove it from the model, or check that the export is complete."));
    }

    private static HashSet<Value> Uses(Network network) => [.. network.Layers.SelectMany(l => l.Inputs).OfType<Value>(), .. network.Outputs.Select(o => o.Value)];

    private static IEnumerable<Layer> AllLayers(Network network) =>
        network.Layers.SelectMany(layer => layer.Operator.Bodies.SelectMany(AllLayers).Prepend(layer));

    private static void CheckGraph(ModelProto model, List<Finding> findings)
    {
        if (model.TrainingInfo.Count > 0) findings.Add(new(FindingKind.Suspicious, "training_info", null, null, "training graphs are ignored", "Compile the inference graph only."));
        var used = new HashSet<string>(StringComparer.Ordinal);
        CollectUses(model.Graph, used);
        foreach (var tensor in model.Graph.Initializer.Where(t => !used.Contains(t.Name)))
            findings.Add(new(FindingKind.Suspicious, $"initializer '{tensor.Name}'", null, null, "used by no node", "Remove it; a compiled network leaves it out."));
        foreach (var node in model.Graph.Node.Where(n => n.Output.Count > 0 && !n.Output.Any(used.Contains)))
            findings.Add(new(FindingKind.Suspicious, node.Name.Length > 0 ? node.Name : node.Output[0], node.OpType, null, "none of its outputs is used", "Remove the node, or make its result an output."));
    }

    // Every name that a node or an output reads; nested graphs read names of the outer ones.
    private static void CollectUses(GraphProto graph, HashSet<string> used)
    {
        foreach (var output in graph.Output) used.Add(output.Name);
        foreach (var node in graph.Node)
        {
            used.UnionWith(node.Input);
            foreach (var attribute in node.Attribute)
            {
                if (attribute.G is not null) CollectUses(attribute.G, used);
                foreach (var body in attribute.Graphs) CollectUses(body, used);
            }
        }
    }

    private static void CheckTensors(OnnxModel model, List<Finding> findings)
    {
        foreach (var proto in model.Proto.Graph.Initializer.Where(t => t.DataLocation != TensorProto.Types.DataLocation.External))
        {
            Tensor tensor;
            try
            {
                tensor = model.Constant(proto).Materialize();
            }
            catch (StrataException)
            {
                continue; // the import has said so
            }
            if (tensor.ElementType == ElementType.Float64 && tensor.Count > Limits.InlineElements)
                findings.Add(new(FindingKind.Note, $"initializer '{proto.Name}'", null, null, $"{tensor} is double precision", "Export the model in single precision to halve it."));
            if (!tensor.ElementType.IsFloat()) continue;
            int strange = tensor.ToDoubles().Count(v => !double.IsFinite(v));
            // Attention masks hold an infinity on purpose; among weights it is damage.
            if (strange > 0 && tensor.Count > 1)
                findings.Add(new(FindingKind.Suspicious, $"initializer '{proto.Name}'", null, null, $"{strange} of {tensor.Count} elements are NaN or infinite", "Check the training run or the export; masks may be meant so."));
        }
    }
}

using System.Collections.Immutable;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>One ONNX node on its way into the network: its operands and attributes, and where its results go.</summary>
internal sealed class NodeLowering
{
    private readonly OnnxImporter importer;
    private readonly NodeProto node;
    private readonly bool[] bound;
    private bool bodyFailed;

    public NodeLowering(OnnxImporter importer, ImportScope scope, NodeProto node, int version, ImmutableArray<Value?> inputs, OnnxAttributeReader attributes)
    {
        (this.importer, Scope, this.node, Version, Inputs, Attributes) = (importer, scope, node, version, inputs, attributes);
        bound = new bool[node.Output.Count];
    }

    public ImportScope Scope { get; }

    /// <summary>The operator set version that is in force for the node's domain.</summary>
    public int Version { get; }

    /// <summary>The operands; null for an omitted one.</summary>
    public ImmutableArray<Value?> Inputs { get; }

    public OnnxAttributeReader Attributes { get; }

    /// <summary>Number of outputs the node names, omitted ones in between included.</summary>
    public int OutputCount => node.Output.Count;

    /// <summary>True when the node names the output.</summary>
    public bool Wants(int index) => index < node.Output.Count && node.Output[index].Length > 0;

    /// <summary>The name that the node gives an output.</summary>
    public string OutputName(int index) => node.Output[index];

    /// <summary>True when the operand is present.</summary>
    public bool Has(int index) => index < Inputs.Length && Inputs[index] is not null;

    /// <summary>A required operand.</summary>
    public Value this[int index] => Has(index) ? Inputs[index]! : throw new InvalidNetworkException($"input {index} is missing");

    /// <summary>An operand, or null when omitted.</summary>
    public Value? Optional(int index) => Has(index) ? Inputs[index] : null;

    /// <summary>Reads the attributes into a core operator whose attributes are called as the node's.</summary>
    public T Read<T>(T prototype) where T : Operator => (T)prototype.Walk(Attributes);

    /// <summary>Adds the core operator that gives the node's outputs.</summary>
    public void Result(Operator op, params ReadOnlySpan<Value?> operands)
    {
        RequireBodies();
        var specs = new OutputSpec?[node.Output.Count];
        for (int i = 0; i < specs.Length; i++)
        {
            if (Wants(i)) specs[i] = new OutputSpec(node.Output[i]);
        }
        var layer = Scope.Builder.Add(op, operands, specs, node.Name);
        for (int i = 0; i < specs.Length; i++)
        {
            if (layer.Outputs[i] is { } value) Bind(i, value);
        }
    }

    /// <summary>Adds a core operator in between and returns its output.</summary>
    public Value Emit(Operator op, params ReadOnlySpan<Value?> operands) =>
        Scope.Builder.Add(op, operands, [new OutputSpec(node.Output.Count > 0 ? node.Output[0] + "_" : "")], node.Name).Outputs[0]!;

    /// <summary>Adds a core operator in between with several outputs.</summary>
    public Layer EmitMany(Operator op, int outputCount, params ReadOnlySpan<Value?> operands)
    {
        var specs = new OutputSpec?[outputCount];
        Array.Fill(specs, new OutputSpec(node.Output[0] + "_"));
        return Scope.Builder.Add(op, operands, specs, node.Name);
    }

    /// <summary>The number in a constant of one element; null when it is not constant.</summary>
    public static long? Number(Value value) => value.Constant is not { } constant ? null
        : constant.Count == 1 ? constant.Materialize().ToInt64s()[0] : throw new InvalidNetworkException($"'{value.Name}' must be one number, is {value.Type}");

    /// <summary>Adds a constant operand.</summary>
    public Value Constant(Tensor tensor) => Scope.Builder.Constant(tensor, node.Output.Count > 0 ? ConstantName(node.Output[0]) : "const");

    /// <summary>What a constant is called that a node needs besides its operands.</summary>
    public static string ConstantName(string output) => output + "_const";

    /// <summary>Adds a constant rank-1 i64 operand.</summary>
    public Value Ints(params ReadOnlySpan<long> values) => Constant(Tensor.Vector(values));

    /// <summary>Makes a value an output of the node.</summary>
    public void Bind(int index, Value value)
    {
        Scope.Define(node.Output[index], value);
        bound[index] = true;
    }

    /// <summary>Imports a nested graph in a scope inside this one. False after an unsupported node in it; <see cref="Result"/> then gives up on this node.</summary>
    public bool ImportBody(ImportScope body, GraphProto graph)
    {
        bool complete = importer.ImportNodes(body, graph);
        bodyFailed |= !complete;
        return complete;
    }

    /// <summary>Imports a nested graph with one output as further layers of this network.</summary>
    public Value Inline(GraphProto graph, params ReadOnlySpan<Value> inputs)
    {
        var value = importer.InlineGraph(Scope, graph, inputs);
        bodyFailed |= value == ImportScope.Unavailable;
        RequireBodies();
        return value;
    }

    /// <summary>Gives up on this node when a body has unsupported nodes.</summary>
    public void RequireBodies()
    {
        if (bodyFailed) throw new UnsupportedOperatorException([]); // its nodes are reported already
    }

    /// <summary>A scope for a nested graph, inside this node's scope or one that is nested in it.</summary>
    public ImportScope NewBody(string name, ImportScope? outer = null, bool forgetsShapes = false)
    {
        outer ??= Scope;
        return new(new NetworkBuilder(name, outer.Builder), outer, Scope.Opsets) { ForgetsShapes = forgetsShapes || outer.ForgetsShapes };
    }

    /// <summary>The error for a feature that is not supported; the importer adds where.</summary>
    public static UnsupportedOperatorException Unsupported(string sentence) => new(sentence);

    /// <summary>Refuses what the lowering left out: outputs without a value, attributes nobody read.</summary>
    public void CheckComplete()
    {
        for (int i = 0; i < bound.Length; i++)
        {
            if (Wants(i) && !bound[i]) throw Unsupported($"output {i} is not supported");
        }
        if (Attributes.Unread.ToArray() is { Length: > 0 } unread) throw Unsupported($"attribute {string.Join(", ", unread)} is not known in this version of the operator; allowed are {string.Join(", ", Attributes.Known.DefaultIfEmpty("none"))}");
    }
}

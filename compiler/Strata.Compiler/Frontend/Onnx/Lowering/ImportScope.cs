using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>
/// The names visible in one graph and the network being built for it. Names of enclosing graphs become explicit inputs of
/// a nested network (captures); constants are copied as handles instead.
/// </summary>
internal sealed class ImportScope(NetworkBuilder builder, ImportScope? parent, OpsetVersions opsets)
{
    private readonly Dictionary<string, Value?> values = new(StringComparer.Ordinal);
    private readonly List<(string Name, Value Outer, Value Inner)> captures = [];

    /// <summary>Stands for the output of a node that could not be imported.</summary>
    public static readonly Value Unavailable = new("unavailable", new TensorType(Tensors.ElementType.Float32, null));

    public NetworkBuilder Builder => builder;

    public ImportScope? Parent => parent;

    public OpsetVersions Opsets => opsets;

    /// <summary>Attribute values of the function call being inlined, to which attributes of its nodes may refer.</summary>
    public IReadOnlyDictionary<string, AttributeProto>? FunctionAttributes { get; init; } = parent?.FunctionAttributes;

    /// <summary>Values of the enclosing network that this one uses, with the input that stands for each.</summary>
    public IReadOnlyList<(string Name, Value Outer, Value Inner)> Captures => captures;

    /// <summary>True to take captured values, constants too, as tensors of unknown rank: the graph then breaks no rule before it runs.</summary>
    public bool ForgetsShapes { get; init; } = parent?.ForgetsShapes ?? false;

    /// <summary>Makes a value known under a name; null for an omitted operand of a function.</summary>
    public void Define(string name, Value? value) => values[name] = value;

    /// <summary>Finds a value by name, here or in an enclosing graph.</summary>
    public bool TryFind(string name, out Value? value)
    {
        if (values.TryGetValue(name, out value)) return true;
        if (parent is null || !parent.TryFind(name, out var outer)) return false;
        values[name] = value = outer is null || outer == Unavailable || parent.Builder == builder ? outer : Capture(outer);
        return true;
    }

    /// <summary>The input that stands for a value of the enclosing network, added when there is none yet.</summary>
    public Value CaptureInput(Value outer)
    {
        foreach (var known in captures)
        {
            if (known.Outer == outer) return known.Inner;
        }
        var inner = ForgetsShapes ? builder.Input(builder.UniqueName(outer.Name), Widest(outer.Type)) : builder.Capture(outer.Name, outer, parent!.Builder);
        captures.Add((outer.Name, outer, inner));
        return inner;
    }

    /// <summary>A type with all ranks unknown.</summary>
    public static NetworkType Widest(NetworkType type) => type switch
    {
        TensorType tensor => new TensorType(tensor.ElementType, null),
        SequenceType sequence => new SequenceType(Widest(sequence.Element)),
        OptionalType optional => new OptionalType(Widest(optional.Element)),
        _ => type,
    };

    private Value Capture(Value outer) => outer.Constant is { } constant && !ForgetsShapes ? builder.Constant(constant, outer.Name) : CaptureInput(outer);
}

/// <summary>The operator set version that a model or function imports, per domain.</summary>
internal sealed class OpsetVersions(IReadOnlyDictionary<string, int> versions)
{
    /// <summary>The version of a domain, or null when the model does not import it.</summary>
    public int? this[string domain] => versions.TryGetValue(domain, out int version) ? version : null;

    /// <summary>Reads the imports; the default domain has two spellings.</summary>
    /// <exception cref="StrataFormatException">A domain is imported in two versions.</exception>
    public static OpsetVersions Of(IEnumerable<OperatorSetIdProto> imports)
    {
        var versions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var import in imports)
        {
            int version = (int)Math.Clamp(import.Version, 0, int.MaxValue);
            if (!versions.TryAdd(Normalize(import.Domain), version) && versions[Normalize(import.Domain)] != version)
                throw new StrataFormatException($"operator set '{Normalize(import.Domain)}' is imported in versions {versions[Normalize(import.Domain)]} and {version}; one is allowed");
        }
        return new(versions);
    }

    /// <summary><c>ai.onnx</c> and the empty string are the same domain.</summary>
    public static string Normalize(string domain) => domain == "ai.onnx" ? "" : domain;
}

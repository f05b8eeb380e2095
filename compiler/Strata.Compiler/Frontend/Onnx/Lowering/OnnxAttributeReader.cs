using System.Collections.Immutable;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;
using AttributeType = Strata.Compiler.Frontend.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>
/// Reads the attributes of a node, by hand or as the walker of a core operator whose attributes are called as ONNX's.
/// Remembers what was read, so that an attribute nobody understands is refused instead of ignored.
/// </summary>
internal sealed class OnnxAttributeReader(OnnxModel model, IReadOnlyDictionary<string, AttributeProto> attributes) : AttributeWalker
{
    private readonly HashSet<string> read = new(StringComparer.Ordinal), known = new(StringComparer.Ordinal);

    /// <summary>Names that were asked for, whether the node has them or not.</summary>
    public IEnumerable<string> Known => known.Order(StringComparer.Ordinal);

    /// <summary>Names of attributes that nobody has read.</summary>
    public IEnumerable<string> Unread => attributes.Keys.Where(k => !read.Contains(k)).Order(StringComparer.Ordinal);

    /// <summary>True when the node has the attribute. Does not count as reading it.</summary>
    public bool Has(string name) => attributes.ContainsKey(name);

    /// <summary>Marks attributes as understood that have no effect on inference.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (string name in names) read.Add(name);
    }

    public override long Int(string name, long value, int since = 1) => Find(name, AttributeType.Int)?.I ?? value;

    public override long? OptionalInt(string name, long? value, int since = 1) => Find(name, AttributeType.Int)?.I ?? value;

    public override ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1) => Find(name, AttributeType.Ints) is { } found ? [.. found.Ints] : value;

    public override float Float(string name, float value, int since = 1) => Find(name, AttributeType.Float)?.F ?? value;

    public override float? OptionalFloat(string name, float? value, int since = 1) => Find(name, AttributeType.Float)?.F ?? value;

    public override ImmutableArray<float> Floats(string name, ImmutableArray<float> value, int since = 1) => Find(name, AttributeType.Floats) is { } found ? [.. found.Floats] : value;

    public override bool Flag(string name, bool value, int since = 1) => Find(name, AttributeType.Int) is { } found ? found.I != 0 : value;

    public override string Text(string name, string value, int since = 1) => Find(name, AttributeType.String)?.S.ToStringUtf8() ?? value;

    public override ImmutableArray<string> Texts(string name, ImmutableArray<string> value, int since = 1) =>
        Find(name, AttributeType.Strings) is { } found ? [.. found.Strings.Select(s => s.ToStringUtf8())] : value;

    public override int Choice(string name, int value, ImmutableArray<string> names, int since = 1)
    {
        if (Find(name, AttributeType.String) is not { } found) return value;
        string text = found.S.ToStringUtf8();
        int index = names.IndexOf(text);
        return index >= 0 ? index : throw new InvalidNetworkException($"attribute {name} is '{text}'; allowed are {string.Join(", ", names)}");
    }

    public override ElementType? Type(string name, ElementType? value, int since = 1) =>
        Find(name, AttributeType.Int) is not { } found ? value : found.I == 0 ? null : OnnxTensors.ElementTypeOf((int)found.I, $"attribute {name}");

    public override Constant? Tensor(string name, Constant? value, int since = 1) => Find(name, AttributeType.Tensor) is { } found ? model.Constant(found.T) : value;

    public override NetworkType? ValueType(string name, NetworkType? value, int since = 1) =>
        Find(name, AttributeType.TypeProto) is { } found ? OnnxTypes.Read(found.Tp, name, ImmutableDictionary<string, long>.Empty) : value;

    /// <summary>A sparse constant, densified.</summary>
    public Tensor? SparseTensor(string name) => Find(name, AttributeType.SparseTensor) is { } found ? SparseTensors.Densify(found.SparseTensor) : null;

    /// <summary>A nested graph.</summary>
    public GraphProto? Graph(string name) => Find(name, AttributeType.Graph)?.G;

    private AttributeProto? Find(string name, AttributeType type)
    {
        known.Add(name);
        if (!attributes.TryGetValue(name, out var attribute)) return null;
        read.Add(name);
        // Files before IR version 3 may leave the type out; the field that is set then tells it.
        if (attribute.HasType && attribute.Type != AttributeType.Undefined && attribute.Type != type)
            throw new InvalidNetworkException($"attribute {name} must be of type {type}, is {attribute.Type}");
        return attribute;
    }
}

using Strata.Networks;

namespace Strata.Passes;

/// <summary>
/// A change to a network: a small network of new layers, wired to the old one by <see cref="Tap"/> and <see cref="Replace"/>.
/// Nothing changes until the pass applies the patch. New layers take the place of the first layer whose output they
/// serve to replace, so they may tap only what is defined before it; patches of one sweep are independent of each other.
/// </summary>
public sealed class NetworkPatch
{
    private readonly NetworkBuilder builder;
    private readonly Dictionary<Value, Value> taps = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, Value> origins = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Value> constants = new(ReferenceEqualityComparer.Instance);
    private readonly List<(Value Old, Value New)> replacements = [];
    private readonly List<Layer> removed = [];
    private readonly HashSet<Layer> covered = new(ReferenceEqualityComparer.Instance);

    internal NetworkPatch(string rule, NetworkBuilder symbols) => (Rule, builder) = (rule, new NetworkBuilder("patch", symbols));

    /// <summary>Who made the patch.</summary>
    public string Rule { get; }

    /// <summary>New layers, in order.</summary>
    public IReadOnlyList<Layer> Layers => builder.Layers;

    internal IReadOnlyList<(Value Old, Value New)> Replacements => replacements;

    internal IReadOnlyList<Layer> Removed => removed;

    internal IReadOnlyCollection<Layer> Covered => covered;

    internal IEnumerable<Value> Tapped => taps.Keys;

    /// <summary>A value of the network, for use in the patch.</summary>
    public Value Tap(Value value)
    {
        if (taps.TryGetValue(value, out var known)) return known;
        var inner = value.Constant is { } constant ? builder.Constant(constant, value.Name) : builder.Input(builder.UniqueName(value.Name), value.Type);
        (taps[value], origins[inner]) = (inner, value);
        return inner;
    }

    /// <summary>A new constant.</summary>
    public Value Constant(Constant constant, string name)
    {
        var value = builder.Constant(constant, name);
        constants.Add(value);
        return value;
    }

    /// <summary>Adds a layer with one output, whose type its operator's rule gives.</summary>
    public Value Add(Operator op, params ReadOnlySpan<Value?> operands) => builder.Add(op, operands);

    /// <summary>Adds a layer; see <see cref="NetworkBuilder.Add(Operator, ReadOnlySpan{Value}, ReadOnlySpan{OutputSpec?}, string)"/>.</summary>
    public Layer Add(Operator op, ReadOnlySpan<Value?> operands, ReadOnlySpan<OutputSpec?> outputs, string layerName) => builder.Add(op, operands, outputs, layerName);

    /// <summary>Records an equality of dimensions that the new layers rest on.</summary>
    public void Constrain(DimConstraint constraint) => builder.Constrain(constraint);

    /// <summary>Lets a value of the patch stand for one of the network, wherever that is used.</summary>
    /// <exception cref="InvalidNetworkException">The types do not fit; the message holds both.</exception>
    public void Replace(Value old, Value with)
    {
        if (old.Constant is null && old.Producer is null) throw new InvalidNetworkException($"{Rule}: '{old.Name}' is an input; inputs cannot be replaced");
        if (!origins.ContainsKey(with) && !constants.Contains(with) && (with.Producer is null || !Layers.Contains(with.Producer)))
            throw new InvalidNetworkException($"{Rule}: '{with.Name}' does not belong to the patch; tap it first");
        if (!Knowledge.CanReplace(old.Type, with.Type)) throw new InvalidNetworkException($"{Rule}: '{old.Name}' is {old.Type}, its replacement is {with.Type}; the types must be compatible and nothing known may be lost");
        replacements.Add((old, with));
    }

    /// <summary>Takes a layer out. When the patches of the sweep are applied, nothing may use its outputs any more.</summary>
    public void Remove(Layer layer) => removed.Add(layer);

    /// <summary>Marks a layer that nothing needs after the patch: no later patch of the sweep replaces what it computes.</summary>
    public void Cover(Layer layer) => covered.Add(layer);

    /// <summary>The value of the network behind a tap, or null.</summary>
    internal Value? OriginOf(Value inner) => origins.GetValueOrDefault(inner);

    internal IReadOnlyList<DimConstraint> Constraints => builder.Build().Constraints;
}

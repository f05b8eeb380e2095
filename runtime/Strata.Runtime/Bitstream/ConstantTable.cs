using Strata.Bitstream.Syntax;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Bitstream;

/// <summary>
/// The distinct constants of a network by owner: each belongs to the first unit that refers to it. Equal tensors are one
/// constant. Hashes are computed only where types agree, so that unique tensors are not read twice.
/// </summary>
internal sealed class ConstantTable
{
    private readonly List<List<Constant>> units = [];
    // More bytes are not held in memory, twice and transposed, to look for a transpose.
    private const long MostTransposed = 1 << 24;

    private readonly HashSet<Constant> transposes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Constant, ConstantPlace> places = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(ElementType, Shape), List<Constant>> distinctByType = [];

    public ConstantTable(Network network)
    {
        units.Add([]);
        foreach (var input in network.Inputs) Add(input.Type, 0);
        var usedByLayers = network.Layers.SelectMany(l => l.Inputs).Where(v => v?.Constant is not null).Select(v => v!.Constant!).ToHashSet<Constant>(ReferenceEqualityComparer.Instance);
        // Before the layers, whose constants an output's type must not refer to: those come later in the file.
        foreach (var output in network.Outputs)
        {
            if (output.Value.Constant is { } constant && !usedByLayers.Contains(constant)) Add(constant, 0);
        }
        for (int i = 0; i < network.Layers.Length; i++)
        {
            units.Add([]);
            AddLayer(network.Layers[i], i + 1);
        }
    }

    /// <summary>Number of units: the network and its layers.</summary>
    public int UnitCount => units.Count;

    /// <summary>The constants that a unit owns.</summary>
    public IReadOnlyList<Constant> this[int unit] => units[unit];

    /// <summary>All distinct constants, unit by unit.</summary>
    public IReadOnlyList<Constant> All => [.. units.SelectMany(u => u)];

    public ConstantPlace PlaceOf(Constant constant) => places[constant];

    /// <summary>An earlier constant whose transpose a constant of the table is, or null.</summary>
    public Constant? TransposeOf(Constant constant)
    {
        if (constant.Dims.Length != 2 || constant.Dims.Contains(1) || !Transposition.Suits(constant.Type.ElementType) || constant.ByteCount > MostTransposed
            || !distinctByType.TryGetValue((constant.Type.ElementType, Shape.Of(constant.Dims[1], constant.Dims[0])), out var candidates)) return null;
        var own = PlaceOf(constant);
        Tensor? transposed = null;
        foreach (var candidate in candidates)
        {
            var place = PlaceOf(candidate);
            // A square matrix may be its own transpose, and a candidate a transpose itself.
            if (place.Unit > own.Unit || place.Unit == own.Unit && place.Index >= own.Index || transposes.Contains(candidate)) continue;
            transposed ??= Transposition.Of(constant.Materialize());
            if (!transposed.BitEquals(candidate.Materialize())) continue;
            transposes.Add(constant);
            return candidate;
        }
        return null;
    }

    private void AddLayer(Layer layer, int unit)
    {
        foreach (var operand in layer.Inputs)
        {
            if (operand?.Constant is { } constant) Add(constant, unit);
        }
        foreach (var output in layer.Outputs)
        {
            if (output is not null) Add(output.Type, unit);
        }
        layer.Operator.Walk(new AttributeConstants(this, unit));
    }

    private void AddNetwork(Network network, int unit)
    {
        foreach (var input in network.Inputs) Add(input.Type, unit);
        foreach (var layer in network.Layers) AddLayer(layer, unit);
        foreach (var output in network.Outputs)
        {
            if (output.Value.Constant is { } constant) Add(constant, unit);
        }
    }

    private void Add(NetworkType type, int unit)
    {
        switch (type)
        {
            case TensorType { Quantization: { } quantization }:
                Add(quantization.Scale, unit);
                if (quantization.ZeroPoint is { } zeroPoint) Add(zeroPoint, unit);
                break;
            case SequenceType sequence: Add(sequence.Element, unit); break;
            case OptionalType optional: Add(optional.Element, unit); break;
            case MapType map: Add(map.Value, unit); break;
        }
    }

    private void Add(Constant constant, int unit)
    {
        if (places.ContainsKey(constant)) return;
        Add(constant.Type, unit);
        var key = (constant.Type.ElementType, constant.Type.Shape!);
        if (!distinctByType.TryGetValue(key, out var candidates)) distinctByType[key] = candidates = [];
        foreach (var candidate in candidates)
        {
            if (!candidate.Type.Equals(constant.Type) || candidate.Hash != constant.Hash) continue;
            places[constant] = places[candidate];
            return;
        }
        candidates.Add(constant);
        places[constant] = new(unit, units[unit].Count);
        units[unit].Add(constant);
    }

    private sealed class AttributeConstants(ConstantTable table, int unit) : AttributeWalker
    {
        public override Constant? Tensor(string name, Constant? value, int since = 1)
        {
            if (value is not null) table.Add(value, unit);
            return value;
        }

        public override NetworkType? ValueType(string name, NetworkType? value, int since = 1)
        {
            if (value is not null) table.Add(value, unit);
            return value;
        }

        public override Network Network(string name, Network value, int since = 1)
        {
            table.AddNetwork(value, unit);
            return value;
        }
    }
}

using Strata.Bitstream;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;

namespace Strata.Compiler.Planning;

/// <summary>Weights of a network that was quantised: what they take, and which numbers they are now.</summary>
internal static class StoredWeights
{
    /// <summary>The values that stand for weights, by name; those of bodies too.</summary>
    public static Dictionary<string, Value> Find(Network network, IReadOnlySet<string> names)
    {
        var found = new Dictionary<string, Value>(StringComparer.Ordinal);
        Visit(network);
        return found;

        void Visit(Network network)
        {
            foreach (var value in network.Constants.Concat(network.Layers.SelectMany(l => l.Outputs).OfType<Value>()))
            {
                if (names.Contains(value.Name)) found.TryAdd(value.Name, value);
            }
            foreach (var body in network.Layers.SelectMany(l => l.Operator.Bodies)) Visit(body);
        }
    }

    /// <summary>Bytes by the name of the weight: of its elements or, where it was quantised, of its codes, scales and zero points.</summary>
    public static Dictionary<string, long> BytesByName(EncodedNetwork encoded, IReadOnlySet<string> names)
    {
        var stored = encoded.Layers.Prepend(encoded.Header).SelectMany(l => l.Constants).ToDictionary(c => c.Constant, c => c.Bytes);
        return Find(encoded.Network, names).ToDictionary(w => w.Key, w => ConstantsBehind(w.Value).Sum(c => stored.GetValueOrDefault(c)), StringComparer.Ordinal);
    }

    /// <summary>Elements of a network's constants, bodies included, of equal ones once: what bits per weight are counted over.</summary>
    public static long ElementsOf(Network network) => Constants(network).DistinctBy(c => (c.Type, c.Hash)).Sum(c => (long)c.Count);

    private static IEnumerable<Constant> Constants(Network network) =>
        network.Constants.Select(c => c.Constant!).Concat(network.Layers.SelectMany(l => l.Operator.Bodies).SelectMany(Constants));

    /// <summary>Bytes that a value's constants would take in a file.</summary>
    public static long LengthOf(Value value) => ConstantsBehind(value).Sum(NetworkEncoder.LengthOf);

    /// <summary>The constant that a value amounts to, computed when it is read; null where it depends on inputs.</summary>
    public static Constant? ConstantOf(Value value)
    {
        if (value.Constant is not null) return value.Constant;
        if (value.Producer is not { } layer || !Restores(layer)) return null;
        var operands = layer.Inputs.Select(i => i is null ? null : ConstantOf(i)).ToArray();
        return operands.Zip(layer.Inputs).Any(p => p.First is null && p.Second is not null) ? null : ConstantExpressions.Apply(layer.Operator, operands);
    }

    private static IEnumerable<Constant> ConstantsBehind(Value value) => value.Constant is { } constant ? [constant]
        : value.Producer is { } layer && Restores(layer) ? layer.Inputs.OfType<Value>().SelectMany(ConstantsBehind) : [];

    // The layers that quantisation leaves.
    private static bool Restores(Layer layer) => layer.Operator is DequantizeLinear or Cast or Reshape or Transpose;
}

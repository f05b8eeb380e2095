using Strata.Bitstream;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Planning;

/// <summary>What each weight takes in an encoded network.</summary>
internal static class StoredWeights
{
    /// <summary>Bytes by the name of the weight: of its elements or, where it was quantised, of its codes, scales and zero points.</summary>
    public static Dictionary<string, long> BytesByName(EncodedNetwork encoded, IReadOnlySet<string> names)
    {
        var stored = encoded.Layers.Prepend(encoded.Header).SelectMany(l => l.Constants).ToDictionary(c => c.Constant, c => c.Bytes);
        var bytes = new Dictionary<string, long>(StringComparer.Ordinal);
        Visit(encoded.Network);
        return bytes;

        void Visit(Network network)
        {
            foreach (var value in network.Constants.Concat(network.Layers.SelectMany(l => l.Outputs).OfType<Value>()))
            {
                if (names.Contains(value.Name)) bytes.TryAdd(value.Name, ConstantsBehind(value).Sum(c => stored.GetValueOrDefault(c)));
            }
            foreach (var body in network.Layers.SelectMany(l => l.Operator.Bodies)) Visit(body);
        }
    }

    /// <summary>The constants that a value is restored from, by the layers that quantisation leaves.</summary>
    private static IEnumerable<Constant> ConstantsBehind(Value value) => value.Constant is { } constant ? [constant]
        : value.Producer is { Operator: DequantizeLinear or Cast or Reshape or Transpose } layer ? layer.Inputs.OfType<Value>().SelectMany(ConstantsBehind) : [];
}

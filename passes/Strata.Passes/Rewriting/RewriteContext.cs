using Strata.Networks;

namespace Strata.Passes;

/// <summary>What a rule may ask about the network it looks at, and where its patches come from.</summary>
public sealed class RewriteContext
{
    private readonly Lazy<Dictionary<Value, int>> uses;
    private readonly Lazy<NetworkBuilder> symbols;

    internal RewriteContext(Network network, Lazy<NetworkBuilder> symbols)
    {
        (Network, this.symbols) = (network, symbols);
        uses = new(() => CountUses(network));
    }

    /// <summary>The network as it was before the sweep.</summary>
    public Network Network { get; }

    /// <summary>How often layers and network outputs use a value.</summary>
    public int Uses(Value value) => uses.Value.GetValueOrDefault(value);

    /// <summary>A patch without content.</summary>
    public NetworkPatch NewPatch(string rule) => new(rule, symbols.Value);

    /// <summary>The patch that lets an earlier value stand for a layer's only output, or null where their types do not allow it.</summary>
    public NetworkPatch? Forward(string rule, Layer layer, Value value)
    {
        if (layer.Outputs is not [{ } output] || !Knowledge.CanReplace(output.Type, value.Type)) return null;
        var patch = NewPatch(rule);
        patch.Replace(output, patch.Tap(value));
        return patch;
    }

    /// <summary>A source of fresh symbols that keeps clear of all symbols in a network and in its bodies.</summary>
    internal static NetworkBuilder SymbolsOf(Network network)
    {
        var builder = new NetworkBuilder("symbols");
        Reserve(network);
        return builder;

        void Reserve(Network body)
        {
            foreach (var value in body.Inputs.Concat(body.Layers.SelectMany(l => l.Outputs).OfType<Value>())) builder.Reserve(value.Type);
            foreach (var inner in body.Layers.SelectMany(l => l.Operator.Bodies)) Reserve(inner);
        }
    }

    private static Dictionary<Value, int> CountUses(Network network)
    {
        var counts = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
        foreach (var value in network.Layers.SelectMany(l => l.Inputs).OfType<Value>().Concat(network.Outputs.Select(o => o.Value)))
            counts[value] = counts.GetValueOrDefault(value) + 1;
        return counts;
    }
}

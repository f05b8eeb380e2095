using Strata.Networks;

namespace Strata.Passes;

/// <summary>What a rule may ask about the network it looks at, and where its patches come from.</summary>
public sealed class RewriteContext
{
    private readonly Lazy<(Dictionary<Value, int> Uses, HashSet<Layer> Live)> liveness;
    private readonly Lazy<NetworkBuilder> symbols;

    internal RewriteContext(Network network, Lazy<NetworkBuilder> symbols)
    {
        (Network, this.symbols) = (network, symbols);
        liveness = new(() => Walk(network));
    }

    /// <summary>The network as it was before the sweep.</summary>
    public Network Network { get; }

    /// <summary>How often network outputs and layers that an output needs use a value.</summary>
    public int Uses(Value value) => liveness.Value.Uses.GetValueOrDefault(value);

    /// <summary>True when an output of the network needs the layer; patches leave layers behind that none needs.</summary>
    public bool IsLive(Layer layer) => liveness.Value.Live.Contains(layer);

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

    // Uses come after definitions, so that one walk from the end meets all uses of a value before its layer.
    private static (Dictionary<Value, int>, HashSet<Layer>) Walk(Network network)
    {
        var uses = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
        var live = new HashSet<Layer>(ReferenceEqualityComparer.Instance);
        foreach (var output in network.Outputs) Use(output.Value);
        foreach (var layer in network.Layers.Reverse())
        {
            if (!layer.Outputs.Any(o => o is not null && uses.ContainsKey(o))) continue;
            live.Add(layer);
            foreach (var operand in layer.Inputs) Use(operand);
        }
        return (uses, live);

        void Use(Value? value)
        {
            if (value is not null) uses[value] = uses.GetValueOrDefault(value) + 1;
        }
    }
}

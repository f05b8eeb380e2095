using Strata.Networks;

namespace Strata.Passes;

/// <summary>Maps the networks among the attributes of layers.</summary>
internal static class BodyRewriter
{
    /// <summary>The network with each body mapped; the same network when no body changes.</summary>
    public static Network Apply(Network network, Func<Network, Network> map)
    {
        var changed = new Dictionary<Layer, Operator>(ReferenceEqualityComparer.Instance);
        foreach (var layer in network.Layers)
        {
            if (layer.Operator.Bodies.IsEmpty) continue;
            var op = Apply(layer.Operator, map);
            if (!ReferenceEquals(op, layer.Operator)) changed[layer] = op;
        }
        return changed.Count == 0 ? network : PatchApplication.Apply(network, [], changed);
    }

    /// <summary>The operator with each body mapped; the same operator when no body changes.</summary>
    public static Operator Apply(Operator op, Func<Network, Network> map)
    {
        var walker = new Walker(map);
        var mapped = op.Walk(walker);
        return walker.HasChanged ? mapped : op;
    }

    private sealed class Walker(Func<Network, Network> map) : AttributeWalker
    {
        public bool HasChanged { get; private set; }

        public override Network Network(string name, Network value, int since = 1)
        {
            var result = map(value);
            HasChanged |= !ReferenceEquals(result, value);
            return result;
        }
    }
}

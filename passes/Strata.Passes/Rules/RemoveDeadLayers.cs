using Strata.Networks;

namespace Strata.Passes.Rules;

/// <summary>
/// A layer none of whose outputs reaches an output of the network goes. Layers have no effect but their outputs; a layer
/// that would refuse its operands in a run no longer gets the chance.
/// </summary>
public sealed class RemoveDeadLayers : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "remove-dead-layers";

    /// <inheritdoc/>
    public override string Summary => "drop layers that no output needs";

    /// <inheritdoc/>
    protected override IEnumerable<NetworkPatch> Sweep(RewriteContext context)
    {
        var live = new HashSet<Value>(context.Network.Outputs.Select(o => o.Value), ReferenceEqualityComparer.Instance);
        foreach (var layer in context.Network.Layers.Reverse())
        {
            if (layer.Outputs.Any(o => o is not null && live.Contains(o)))
            {
                live.UnionWith(layer.Inputs.OfType<Value>());
                continue;
            }
            var patch = context.NewPatch(Name);
            patch.Remove(layer);
            yield return patch;
        }
    }
}

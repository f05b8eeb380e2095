using Strata.Networks;

namespace Strata.Passes;

/// <summary>
/// A pass made of patches. Each sweep collects patches over the whole network and applies them in one rebuild, so that a
/// sweep takes linear time; sweeps repeat until none finds anything. Bodies are rewritten like the network around them.
/// </summary>
public abstract class RewritePass : IPass
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract string Summary { get; }

    /// <inheritdoc/>
    public virtual ValueEffects Effects => ValueEffects.None;

    /// <inheritdoc/>
    public virtual IReadOnlyList<PassOption> Options => [new("max-sweeps", MaxSweeps, "most sweeps over a network before the pass gives up")];

    /// <summary>Most sweeps over one network; a pass that still finds something then does not terminate.</summary>
    public int MaxSweeps { get; init; } = 100;

    /// <summary>The patches of one sweep.</summary>
    protected abstract IEnumerable<NetworkPatch> Sweep(RewriteContext context);

    /// <inheritdoc/>
    public Network Run(Network network, PassContext context) =>
        Run(network, context, new Lazy<NetworkBuilder>(() => RewriteContext.SymbolsOf(network)), depth: 0);

    private Network Run(Network network, PassContext context, Lazy<NetworkBuilder> symbols, int depth)
    {
        if (depth > Limits.NestingDepth) throw new ResourceLimitException($"network '{network.Name}': bodies nest deeper than {Limits.NestingDepth}");
        network = BodyRewriter.Apply(network, body => Run(body, context, symbols, depth + 1));
        // Checking each patch, the network is rebuilt for each, and a sweep is one patch.
        long bound = context.VerifyEachPatch ? (long)MaxSweeps * Math.Max(1, network.Layers.Length + network.Constants.Length) : MaxSweeps;
        NetworkPatch? last = null;
        for (long sweep = 0; !context.IsStopped; sweep++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            context.CountVisits(network.Layers.Length);
            var patches = Collect(new RewriteContext(network, symbols), context);
            if (patches.Count == 0) break;
            last = patches[^1];
            if (sweep >= bound) throw new ResourceLimitException($"pass '{Name}': rule '{last.Rule}' still applies after {bound} sweeps over network '{network.Name}'; it undoes its own work or another rule's");
            network = PatchApplication.Apply(network, patches);
            if (context.VerifyEachPatch) Verify(network, last);
        }
        return network;
    }

    private List<NetworkPatch> Collect(RewriteContext rewrite, PassContext context)
    {
        var patches = new List<NetworkPatch>();
        HashSet<Value> replaced = new(ReferenceEqualityComparer.Instance), tapped = new(ReferenceEqualityComparer.Instance);
        HashSet<Layer> removed = new(ReferenceEqualityComparer.Instance), covered = new(ReferenceEqualityComparer.Instance);
        foreach (var patch in Sweep(rewrite))
        {
            // A patch at odds with an earlier one is found again in the next sweep.
            bool clashes = patch.Replacements.Any(r => replaced.Contains(r.Old) || r.Old.Producer is { } source && covered.Contains(source)) || patch.Tapped.Any(t => t.Producer is { } p && removed.Contains(p))
                || patch.Removed.Any(l => l.Outputs.Any(o => o is not null && tapped.Contains(o)));
            if (clashes) continue;
            replaced.UnionWith(patch.Replacements.Select(r => r.Old));
            tapped.UnionWith(patch.Tapped);
            removed.UnionWith(patch.Removed);
            covered.UnionWith(patch.Covered);
            patches.Add(patch);
            context.Count(patch);
            if (context.VerifyEachPatch || context.IsStopped) break;
        }
        return patches;
    }

    private void Verify(Network network, NetworkPatch patch)
    {
        try
        {
            NetworkVerifier.Verify(network);
        }
        catch (InvalidNetworkException error)
        {
            throw new InvalidNetworkException($"pass '{Name}', rule '{patch.Rule}': the patch breaks the network: {error.Message}", error);
        }
    }
}

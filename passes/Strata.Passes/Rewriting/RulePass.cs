namespace Strata.Passes;

/// <summary>Applies local rules until none applies. The first rule in the list that rewrites a layer wins.</summary>
public sealed class RulePass(string name, string summary, params IReadOnlyList<IRule> rules) : RewritePass
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Summary => summary;

    /// <summary>The rules, by precedence.</summary>
    public IReadOnlyList<IRule> Rules => rules;

    /// <inheritdoc/>
    protected override IEnumerable<NetworkPatch> Sweep(RewriteContext context)
    {
        foreach (var layer in context.Network.Layers)
        {
            foreach (var rule in rules)
            {
                if (rule.Rewrite(layer, context) is not { } patch) continue;
                yield return patch;
                break;
            }
        }
    }
}

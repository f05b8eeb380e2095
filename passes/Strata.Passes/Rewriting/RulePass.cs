namespace Strata.Passes;

/// <summary>Applies local rules until none applies. The first rule in the list that rewrites a layer wins.</summary>
public sealed class RulePass(string name, string summary, params IReadOnlyList<IRule> rules) : RewritePass
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Summary => summary;

    /// <inheritdoc/>
    public override ValueEffects Effects => rules.Aggregate(ValueEffects.None, static (all, rule) => all | rule.Effects);

    /// <summary>The rules, by precedence.</summary>
    public IReadOnlyList<IRule> Rules => rules;

    /// <summary>Looks at the last layer first, so that a pattern is found before patterns that are part of it.</summary>
    public bool LastFirst { get; init; }

    /// <summary>The pass without the rules that have other effects.</summary>
    public RulePass Limited(ValueEffects allowed) =>
        new(name, summary, [.. rules.Where(r => (r.Effects & ~allowed) == 0)]) { MaxSweeps = MaxSweeps, LastFirst = LastFirst };

    /// <inheritdoc/>
    protected override IEnumerable<NetworkPatch> Sweep(RewriteContext context)
    {
        foreach (var layer in LastFirst ? context.Network.Layers.Reverse() : context.Network.Layers)
        {
            if (!context.IsLive(layer)) continue;
            foreach (var rule in rules)
            {
                if (rule.Rewrite(layer, context) is not { } patch) continue;
                yield return patch;
                break;
            }
        }
    }
}

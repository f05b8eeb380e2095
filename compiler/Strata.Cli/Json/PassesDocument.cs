using System.Globalization;
using Strata.Passes;

namespace Strata.Cli.Json;

/// <summary><c>strata passes --json</c>.</summary>
internal sealed record PassesDocument(string Schema, IReadOnlyList<PassesDocument.Pass> Passes, IReadOnlyList<PassEntry>? Runs, PassesDocument.Total? Result)
{
    /// <summary>What all rounds of all passes came to; layers of bodies included.</summary>
    internal sealed record Total(int LayersBefore, int LayersAfter, long Patches, int Rounds, double Milliseconds);

    internal sealed record Pass(string Name, string Summary, IReadOnlyList<string> Effects, IReadOnlyList<Rule>? Rules, IReadOnlyList<Option> Options);

    internal sealed record Rule(string Name, IReadOnlyList<string> Effects);

    internal sealed record Option(string Name, string Value, string Description);

    public static PassesDocument Of(IReadOnlyList<IPass> passes, PassResult? result) => new("strata.passes/1", [.. passes.Select(p => new Pass(p.Name, p.Summary, NamesOf(p.Effects),
        p is RulePass { Rules: var rules } ? [.. rules.Select(r => new Rule(r.Name, NamesOf(r.Effects)))] : null,
        [.. p.Options.Select(o => new Option(o.Name, Convert.ToString(o.Value, CultureInfo.InvariantCulture)!, o.Description))]))],
        result?.Passes.Select(PassEntry.Of).ToArray(),
        result is null ? null : new(result.Passes[0].LayersBefore, result.Network.TotalLayerCount, result.Passes.Sum(p => p.Patches), result.Rounds, result.Passes.Sum(p => p.Elapsed.TotalMilliseconds)));

    /// <summary>What may change, in words; nothing where no bit does.</summary>
    public static IReadOnlyList<string> NamesOf(ValueEffects effects) =>
    [
        .. effects.HasFlag(ValueEffects.Roundings) ? ["roundings"] : Array.Empty<string>(),
        .. effects.HasFlag(ValueEffects.NonFinite) ? ["non-finite"] : Array.Empty<string>(),
        .. effects.HasFlag(ValueEffects.Weights) ? ["weights"] : Array.Empty<string>(),
    ];
}

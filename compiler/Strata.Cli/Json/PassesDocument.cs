using System.Globalization;
using Strata.Passes;

namespace Strata.Cli.Json;

/// <summary><c>strata passes --json</c>.</summary>
internal sealed record PassesDocument(string Schema, IReadOnlyList<PassesDocument.Pass> Passes)
{
    internal sealed record Pass(string Name, string Summary, string Effects, IReadOnlyList<string>? Rules, IReadOnlyList<Option> Options);

    internal sealed record Option(string Name, string Value, string Description);

    public static PassesDocument Of(IReadOnlyList<IPass> passes) => new("strata.passes/1", [.. passes.Select(p => new Pass(p.Name, p.Summary, Describe(p.Effects),
        p is RulePass { Rules: var rules } ? [.. rules.Select(r => r.Name)] : null,
        [.. p.Options.Select(o => new Option(o.Name, Convert.ToString(o.Value, CultureInfo.InvariantCulture)!, o.Description))]))]);

    private static string Describe(ValueEffects effects) => effects switch
    {
        ValueEffects.None => "no bit of any output",
        ValueEffects.Roundings => "roundings",
        ValueEffects.NonFinite => "the spread of NaN and infinity",
        _ => "roundings, the spread of NaN and infinity",
    };
}

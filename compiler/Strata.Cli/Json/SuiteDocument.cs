using Strata.Compiler.Fidelity;

namespace Strata.Cli.Json;

/// <summary><c>strata verify --suite --json</c>.</summary>
internal sealed record SuiteDocument(string Schema, string Suite, SuiteDocument.Counts Total, IReadOnlyDictionary<string, SuiteDocument.Counts> Operators, IReadOnlyList<SuiteDocument.Result> Results)
{
    internal sealed record Counts(int Passed, int Failed, int Unsupported, int Errors)
    {
        public static Counts Of(IEnumerable<SuiteResult> results)
        {
            var byOutcome = results.ToLookup(r => r.Outcome);
            return new(byOutcome[SuiteOutcome.Passed].Count(), byOutcome[SuiteOutcome.Failed].Count(), byOutcome[SuiteOutcome.Unsupported].Count(), byOutcome[SuiteOutcome.Error].Count());
        }

        public int All => Passed + Failed + Unsupported + Errors;

        public override string ToString() => $"{Passed} passed, {Failed} failed, {Unsupported} unsupported, {Errors} errors";
    }

    internal sealed record Result(string Case, string Way, string Route, string Outcome, string? Message, IReadOnlyList<string> Operators);

    public static SuiteDocument Of(string suite, IReadOnlyList<SuiteResult> results) => new("strata.suite/1", suite, Counts.Of(results), ByOperator(results),
        [.. results.Select(r => new Result(r.Case, SuiteNames.Of(r.Way), r.Route, SuiteNames.Of(r.Outcome), r.Message, r.Operators))]);

    /// <summary>The counts of every operator that occurs in a case, by name.</summary>
    public static SortedDictionary<string, Counts> ByOperator(IReadOnlyList<SuiteResult> results)
    {
        var operators = results.SelectMany(r => r.Operators.Select(op => (Operator: op, Result: r)))
            .GroupBy(p => p.Operator).ToDictionary(g => g.Key, g => Counts.Of(g.Select(p => p.Result)));
        return new(operators, StringComparer.Ordinal);
    }
}

/// <summary>Ways and outcomes as the command line calls them.</summary>
internal static class SuiteNames
{
    public static string Of(SuiteWay way) => way switch { SuiteWay.AsGiven => "given", SuiteWay.FirstInputOnly => "first-input", _ => "constant" };

    public static string Of(SuiteOutcome outcome) => outcome.ToString().ToLowerInvariant();
}

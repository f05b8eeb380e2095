using Strata.Compiler.Pipeline;
using Strata.Passes;

namespace Strata.Tests.Passes;

/// <summary>No rule without its four tests, and none that nobody runs.</summary>
public class RuleCoverageTests
{
    private static readonly Type[] Rules = [.. typeof(IRule).Assembly.GetTypes()
        .Where(t => t is { IsAbstract: false, Namespace: "Strata.Passes.Rules" or "Strata.Passes.Rules.Recognition" } && (t.IsAssignableTo(typeof(IRule)) || t.IsAssignableTo(typeof(IPass))))];

    public static TheoryData<string> Names => [.. Rules.Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryRuleIsTested(string rule)
    {
        var tests = typeof(RuleCoverageTests).Assembly.GetType($"Strata.Tests.Passes.{rule}Tests");
        Assert.True(tests?.IsSubclassOf(typeof(RuleTest)), $"{rule}Tests must exist and derive from {nameof(RuleTest)}");
        Assert.True(tests!.GetMethod("Fires") is not null, $"{rule}Tests needs a snapshot test 'Fires'");
    }

    [Fact]
    public void EveryRuleRunsByDefault()
    {
        var used = Pipelines.Default.SelectMany(p => p is RulePass { Rules: var rules } ? rules.Select(r => r.GetType()) : [p.GetType()]);
        Assert.Equal(Rules.Select(r => r.Name).Order(StringComparer.Ordinal), used.Select(r => r.Name).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void NamesAndOptionsExplainThemselves()
    {
        Assert.All(Pipelines.Default, p => Assert.Matches("^[a-z]+(-[a-z]+)*$", p.Name));
        Assert.All(Pipelines.Default, p => Assert.False(string.IsNullOrEmpty(p.Summary)));
        Assert.All(Pipelines.Default.SelectMany(p => p.Options), o => Assert.False(string.IsNullOrEmpty(o.Description)));
        Assert.Distinct(Pipelines.Default.Select(p => p.Name));
    }
}

using Strata.Compiler.Fidelity;
using Strata.Tests.Support;

namespace Strata.Tests.Conformance;

public class ConformanceTests
{
    [TheoryRequiring(TestSource.TestData)]
    [InlineData("node")]
    [InlineData("simple")]
    [InlineData("pytorch-converted")]
    [InlineData("pytorch-operator")]
    public void EveryRecordedCasePassesInAllWaysOnAllRoutes(string suite) => Check(suite);

    [FactRequiring(TestSource.Shared)]
    public void EveryNewerCasePassesInAllWaysOnAllRoutes() => Check(ConformanceSuite.Newer);

    [FactRequiring(TestSource.TestData)]
    public void TheTableIsUpToDate()
    {
        string path = Path.Combine(Repository.Root, "docs", "conformance.md");
        string expected = ConformanceTable.Update(File.Exists(path) ? File.ReadAllText(path) : "");
        if (File.Exists(path) && File.ReadAllText(path) == expected) return;
        string received = Path.ChangeExtension(path, ".received.md");
        File.WriteAllText(received, expected);
        Assert.Fail($"docs/conformance.md is not what the suites give; look at {Path.GetFileName(received)} beside it, then rename it");
    }

    private static void Check(string suite)
    {
        var results = ConformanceSuite.Run(suite);
        var unexpected = results.Where(r => r.Outcome != SuiteOutcome.Passed && !Exclusion.All.Any(e => e.Covers(suite, r)))
            .Select(r => $"{r.Case} {r.Way} {r.Route}: {r.Outcome}: {r.Message}").ToArray();
        Assert.True(unexpected.Length == 0, $"{unexpected.Length} of {results.Count} runs failed:\n{string.Join('\n', unexpected.Take(20))}");

        // A listed case that passes everywhere has no business on the list.
        foreach (var exclusion in Exclusion.All.Where(e => e.Suite == suite))
        {
            var covered = results.Where(r => exclusion.Covers(suite, r)).ToArray();
            Assert.True(covered.Length > 0, $"exclusions.txt lists {suite}/{exclusion.Case}, which does not exist");
            Assert.True(covered.Any(r => r.Outcome != SuiteOutcome.Passed), $"{suite}/{exclusion.Case} passes now; take it off exclusions.txt");
        }

        // A column of zeros would mean that a route tests nothing.
        foreach (var route in results.GroupBy(r => r.Route))
        {
            Assert.True(route.Any(r => r.Outcome == SuiteOutcome.Passed && r.HasConstants), $"route {route.Key} never met a constant");
        }
    }
}

using Strata.Compiler.Fidelity;

// strata verify --suite DIR [filter…]
if (args is ["verify", "--suite", var root, .. var filters])
{
    var cases = SuiteCase.Find(root).Where(c => filters.Length == 0 || filters.Any(f => c.Name.Contains(f, StringComparison.Ordinal))).ToArray();
    var results = new SuiteRunner { Ways = [SuiteWay.AsGiven, SuiteWay.FirstInputOnly, SuiteWay.AllConstant] }.Run(cases);
    foreach (var result in results.Where(r => r.Outcome != SuiteOutcome.Passed)) Console.WriteLine($"{result.Outcome} {result.Case} {result.Way} {result.Route}: {result.Message}");
    Console.WriteLine(string.Join(", ", results.GroupBy(r => r.Outcome).Select(g => $"{g.Count()} {g.Key}")));
    return results.All(r => r.Outcome == SuiteOutcome.Passed) ? 0 : 5;
}
return 2;

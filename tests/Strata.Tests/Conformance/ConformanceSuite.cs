using System.Collections.Concurrent;
using Strata.Compiler.Fidelity;
using Strata.Tests.Support;

namespace Strata.Tests.Conformance;

/// <summary>The recorded suites, each run once over all ways and routes.</summary>
internal static class ConformanceSuite
{
    /// <summary>Suites of Debian's <c>libonnx-testdata</c> (ONNX 1.12).</summary>
    public static readonly IReadOnlyList<string> Debian = ["node", "simple", "pytorch-converted", "pytorch-operator"];

    /// <summary>Newer node cases, in the folder beside the repository.</summary>
    public const string Newer = "node-tests";

    private static readonly ConcurrentDictionary<string, Lazy<IReadOnlyList<SuiteResult>>> Results = new(StringComparer.Ordinal);

    public static IReadOnlyList<SuiteResult> Run(string suite) => Results.GetOrAdd(suite, static name => new(() =>
    {
        string folder = name == Newer ? TestData.SharedNodeTests : Path.Combine(TestData.OnnxTests, name);
        return new SuiteRunner { Ways = Enum.GetValues<SuiteWay>() }.Run(SuiteCase.Find(folder));
    })).Value;
}

/// <summary>A case that a route cannot reproduce, and why.</summary>
internal sealed record Exclusion(string Suite, string Case, IReadOnlyList<string> Routes, string Reason)
{
    /// <summary>The list beside this file: <c>suite/case | routes or * | reason</c>, a line each.</summary>
    public static IReadOnlyList<Exclusion> All { get; } = [.. File.ReadLines(Path.Combine(Repository.Tests, "Conformance", "exclusions.txt"))
        .Where(line => line.Length > 0 && line[0] != '#').Select(Parse)];

    public bool Covers(string suite, SuiteResult result) => Suite == suite && Case == result.Case && (Routes is ["*"] || Routes.Contains(result.Route));

    private static Exclusion Parse(string line)
    {
        var fields = line.Split('|', 3, StringSplitOptions.TrimEntries);
        int slash = fields[0].IndexOf('/', StringComparison.Ordinal);
        return new(fields[0][..slash], fields[0][(slash + 1)..], fields[1].Split(' '), fields[2]);
    }
}

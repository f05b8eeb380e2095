using System.Text.RegularExpressions;

namespace Strata.Tests.Support;

/// <summary>README, <c>build.ps1</c> and <c>.ci/run</c> give the same command lines, so that what CI checks is what people type.</summary>
public partial class CommandLineTests
{
    /// <summary>Targets that CI leaves out, and why.</summary>
    private static readonly Dictionary<string, string> s_notInCi = new()
    {
        ["fuzz"] = "the tests run a few seconds of it already",
        ["format"] = "the analysers that are errors run in the build already",
    };

    [Fact]
    public void CiRunsTheCommandLinesOfTheBuildScript()
    {
        IEnumerable<string> expected =
            from Match target in Target().Matches(Repository.ReadText("build.ps1"))
            where !s_notInCi.ContainsKey(target.Groups["name"].Value)
            select target.Groups["line"].Value;

        Assert.Equal(expected.Order(StringComparer.Ordinal), InCi().Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void CiRunsTheCommandLinesOfTheReadme()
    {
        string[] inReadme =
            [.. from Match line in Line().Matches(Repository.ReadText("README.md")) select line.Groups["line"].Value];
        string[] firstTwo = [.. inReadme.Take(2)];

        Assert.StartsWith("dotnet run ", firstTwo[0]);
        Assert.Equal("dotnet test", firstTwo[1]);
        Assert.Subset(InCi().ToHashSet(), firstTwo.ToHashSet());
    }

    private static IEnumerable<string> InCi() =>
        from Match line in Line().Matches(Repository.ReadText(".ci", "run"))
        select line.Groups["line"].Value;

    /// <summary>A line that begins with dotnet, up to what the shell does on failure.</summary>
    [GeneratedRegex(@"^[ \t]*(?<line>dotnet .*?)(?: \|\| .*)?$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"^ +(?<name>\w+) += '(?<line>dotnet [^']*)'$", RegexOptions.Multiline)]
    private static partial Regex Target();
}

using System.Text.RegularExpressions;
using Strata.Tests.Cli;
using Strata.Tests.Support;

namespace Strata.Tests.Docs;

/// <summary>What the README shows is what happens.</summary>
public partial class ReadmeTests
{
    /// <summary>Every <c>$ strata …</c> prints what stands below it, times (and what <c>bench</c> measures) aside; a line "…" stands for any number of lines.</summary>
    [Fact]
    public void CommandsPrintWhatTheReadmeSays()
    {
        using var cli = new CliRun();
        string readme = Repository.ReadText("README.md");
        var console = Console().Match(readme);
        Assert.True(console.Success);
        CommittedDocument.Check("README.md", readme.Replace(console.Value, Example().Replace(console.Value, example =>
        {
            string[] words = [.. example.Groups["command"].Value.Split(' ').Select(w =>
                w.StartsWith("models/", StringComparison.Ordinal) ? Path.Combine(Repository.Root, w) : File().IsMatch(w) ? $"@{w}" : w)];
            Assert.Equal(0, cli.Run(string.Join(' ', words)));
            string printed = cli.OutWithTimes.Replace(Repository.Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).TrimEnd('\n');
            string stated = example.Groups["output"].Value;
            bool isSame = words[0] == "bench" ? CliRun.WithoutFigures(printed) == CliRun.WithoutFigures(stated.TrimEnd('\n')) : IsSame(printed, stated.TrimEnd('\n'));
            return $"$ strata {example.Groups["command"].Value}\n{(isSame ? stated : Shortened(printed, stated) + stated[stated.TrimEnd('\n').Length..])}";
        }), StringComparison.Ordinal));
    }

    private static bool IsSame(string printed, string stated) =>
        Regex.IsMatch(WithoutRoundings(printed), $"^{Regex.Escape(WithoutRoundings(stated)).Replace("\\n…", "(\\n.*)*", StringComparison.Ordinal)}$");

    // What kernels round depends on the instructions that the machine has.
    private static string WithoutRoundings(string text) => Roundings().Replace(CliRun.WithoutTimes(text), "SNR");

    [GeneratedRegex("SNR .* of the largest magnitude")]
    private static partial Regex Roundings();

    // As many lines as the README shows before and after "…".
    private static string Shortened(string printed, string stated)
    {
        string[] shown = stated.TrimEnd('\n').Split('\n'), lines = printed.Split('\n');
        int gap = Array.IndexOf(shown, "…");
        return gap < 0 ? printed : string.Join('\n', [.. lines.Take(gap), "…", .. lines.TakeLast(shown.Length - gap - 1)]);
    }

    [Fact]
    public void TheLibrarySampleIsCompiled()
    {
        string sample = Sample().Match(Repository.ReadText("tests", "Strata.Tests", "Docs", "ReadmeSample.cs")).Groups["code"].Value;
        string code = string.Join('\n', sample.Split('\n').Select(line => line.Length > 12 ? line[12..] : "")).Trim('\n');
        Assert.Contains(code, Repository.ReadText("README.md"));
    }

    [GeneratedRegex(@"```console\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Console();

    [GeneratedRegex(@"^\$ strata (?<command>.*)\n(?<output>(?:(?!\$ |```).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^\w+\.(strata|onnx)$")]
    private static partial Regex File();

    [GeneratedRegex(@"// readme:\n(?<code>.*?) *// :readme", RegexOptions.Singleline)]
    private static partial Regex Sample();
}

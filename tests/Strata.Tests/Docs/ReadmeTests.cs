using System.Text.RegularExpressions;
using Strata.Tests.Cli;
using Strata.Tests.Support;

namespace Strata.Tests.Docs;

/// <summary>What the README shows is what happens.</summary>
public partial class ReadmeTests
{
    /// <summary>Every <c>$ strata …</c> prints what stands below it, times aside; a line "…" stands for any number of lines.</summary>
    [Fact]
    public void CommandsPrintWhatTheReadmeSays()
    {
        using var cli = new CliRun();
        var console = Console().Match(Repository.ReadText("README.md"));
        Assert.True(console.Success);
        foreach (Match example in Example().Matches(console.Groups["text"].Value))
        {
            string[] words = [.. example.Groups["command"].Value.Split(' ').Select(w =>
                w.StartsWith("models/", StringComparison.Ordinal) ? Path.Combine(Repository.Root, w) : File().IsMatch(w) ? $"@{w}" : w)];
            Assert.Equal(0, cli.Run(string.Join(' ', words)));
            string printed = cli.Out.Replace(Repository.Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).TrimEnd('\n');
            string expected = CliRun.WithoutTimes(example.Groups["output"].Value.TrimEnd('\n'));
            string pattern = $"^{Regex.Escape(expected).Replace("\\n…", "(\\n.*)*", StringComparison.Ordinal)}$";
            Assert.True(Regex.IsMatch(printed, pattern), $"$ strata {example.Groups["command"].Value}\nprints:\n{printed}\n\nthe README says:\n{expected}");
        }
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

    [GeneratedRegex(@"^\$ strata (?<command>.*)\n(?<output>(?:(?!\$ ).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^\w+\.(strata|onnx)$")]
    private static partial Regex File();

    [GeneratedRegex(@"// readme:\n(?<code>.*?) *// :readme", RegexOptions.Singleline)]
    private static partial Regex Sample();
}

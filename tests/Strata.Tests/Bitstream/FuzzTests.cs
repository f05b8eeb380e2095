using Strata.Fuzz;
using Strata.Tests.Oracles;

namespace Strata.Tests.Bitstream;

/// <summary>A few seconds of what tests/Strata.Fuzz does for hours, and proof that it would find a mistake.</summary>
public class FuzzTests
{
    private const int MostExecutions = 100_000;

    private static readonly IReadOnlyList<FuzzTarget> s_targets = Targets.All(RepositoryFiles.Tables);

    public static TheoryData<string> Names => [.. s_targets.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void BothDecodersAgreeOnDamagedInput(string target)
    {
        var fuzzed = s_targets.Single(t => t.Name == target);
        var report = Fuzzer.Run(fuzzed, new FuzzOptions { Seed = 6, Executions = Targets.ShortExecutions(fuzzed) });
        Assert.True(report.Finds.Count == 0, string.Join('\n', report.Finds));
    }

    // Inputs that once went a way of their own; the folder only grows.
    [Theory]
    [MemberData(nameof(Names))]
    public void TheCorpusHoldsNoFind(string target)
    {
        string folder = Path.Combine(RepositoryFiles.Corpus, target);
        string[] files = Directory.GetFiles(folder, "*.bin");
        Assert.NotEmpty(files);
        foreach (string file in files) Assert.Null(Fuzzer.Reproduce(s_targets.Single(t => t.Name == target), File.ReadAllBytes(file)));
        Assert.InRange(Directory.GetFiles(Path.GetDirectoryName(folder)!, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length), 1, 1 << 20);
    }

    [Theory]
    // The container and its headers.
    [InlineData("container", "not in the shortest form")]
    [InlineData("container", "bytes after the header of unit")]
    [InlineData("container", "overlaps the one before it")]
    [InlineData("container", "starts elsewhere")]
    [InlineData("container", "does not lie within the file")]
    [InlineData("container", "of a unit that has")]
    [InlineData("container", "not well-formed UTF-8")]
    [InlineData("container", "cannot be absent")]
    [InlineData("container", "two values")]
    // Constants.
    [InlineData("load", "a payload ends behind the data of its unit")]
    [InlineData("load", "a payload's checksum")]
    [InlineData("symbols", "raw ones")]
    [InlineData("symbols", "text: bytes after the last string")]
    [InlineData("symbols", "planes: bytes after the last tile")]
    [InlineData("symbols", "planes: a constant plane of another length")]
    [InlineData("symbols", "stream: goes on or ends in another state")]
    [InlineData("symbols", "stream: ends")]
    [InlineData("symbols", "classes: the stream goes on")]
    [InlineData("symbols", "classes: the last symbols")]
    [InlineData("symbols", "integers: the stream goes on")]
    [InlineData("symbols", "floats: rests of another length")]
    [InlineData("symbols", "floats: a number that")]
    public void ARuleThatIsLeftOutIsFound(string target, string rule)
    {
        using var bug = PlantedBug.Drop(rule);
        AssertFound(target);
    }

    [Theory]
    [InlineData("container", "continue")]
    [InlineData("container", "adapt")]
    [InlineData("symbols", "renormalise")]
    [InlineData("symbols", "share")]
    [InlineData("symbols", "rotate")]
    [InlineData("symbols", "unused bits")]
    public void AStepThatIsDoneWronglyIsFound(string target, string step)
    {
        using var bug = PlantedBug.Make(step);
        AssertFound(target);
    }

    private static void AssertFound(string target)
    {
        var report = Fuzzer.Run(s_targets.Single(t => t.Name == target), new FuzzOptions { Seed = 6, Executions = MostExecutions, StopAtFind = true });
        Assert.True(report.Finds.Count > 0, report.ToString());
    }
}

using System.Text.RegularExpressions;
using Strata.Bitstream.Codecs;
using Strata.Fuzz;
using Strata.Tests.Oracles;
using Strata.Tests.Support;

namespace Strata.Tests.Bitstream;

/// <summary>A few seconds of what tests/Strata.Fuzz does for hours, and proof that it would find a mistake.</summary>
public class FuzzTests
{
    private static readonly PlainTables s_tables = RepositoryFiles.Tables;

    private static readonly IReadOnlyList<FuzzTarget> s_targets = Targets.All(s_tables);

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

    public static TheoryData<string> PlantedBugNames => [.. PlantedBugs.All.Select(b => b.ToString())];

    [Theory]
    [MemberData(nameof(PlantedBugNames))]
    public void APlantedBugIsFound(string name)
    {
        var report = PlantedBugs.Seek(PlantedBugs.All.Single(b => b.ToString() == name), s_targets, new FuzzOptions { Seed = 6, Executions = PlantedBugs.MostExecutions });
        Assert.True(report.Finds.Count > 0, report.ToString());
    }

    [Fact]
    public void EveryCodecHasPlantedBugs()
    {
        var codecs = Enumerable.Range(0, 256).Where(n => s_tables.Codecs.Contains(n)).Select(n => TensorCodec.Get(n).Name);
        Assert.All(codecs, name => Assert.Contains(PlantedBugs.All, b => b.Decoder == name));
    }

    [Fact]
    public void EveryStepThatCanBeDoneWronglyIsPlanted()
    {
        var source = string.Concat(Directory.GetFiles(Path.Combine(Repository.Tests, "Oracles"), "*.cs").Select(File.ReadAllText));
        var steps = Regex.Matches(source, "PlantedBug.In\\(\"(.*?)\"\\)").Select(m => m.Groups[1].Value).Distinct().Order();
        Assert.Equal(steps, PlantedBugs.All.Select(b => b.Step).OfType<string>().Order());
    }
}

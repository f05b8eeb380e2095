using Strata.Bitstream;
using Strata.Compiler.Frontend.Onnx;
using Strata.Fuzz;
using Strata.Tests.Networks;
using Strata.Tests.Oracles;
using Strata.Tests.Support;

namespace Strata.Tests.Bitstream;

/// <summary>
/// docs/bitstream.md is enough to decode every file: a second decoder, written from it and sharing no code with the runtime's,
/// reads the same networks.
/// </summary>
public class SecondDecoderTests
{
    private static readonly PlainTables s_tables = RepositoryFiles.Tables;

    public static TheoryData<string> Goldens => [.. GoldenNetworks.All.Keys];

    public static TheoryData<string> Samples => [.. SampleNetworks.All.Select(s => s.Name).Except(["attributes", "elements", "names"])]; // an operator of the tests' own; text that UTF-8 cannot say

    [Theory]
    [MemberData(nameof(Goldens))]
    public void ReadsGoldenFilesAlike(string name) => ReadsAlike(File.ReadAllBytes(GoldenNetworks.PathOf(name)));

    [Theory]
    [MemberData(nameof(Samples))]
    public void ReadsSamplesAlike(string name)
    {
        var network = SampleNetworks.All.Single(s => s.Name == name).Network;
        foreach (var coding in Enum.GetValues<ConstantCoding>()) ReadsAlike(EncodedFile.Encode(network, coding: coding));
    }

    public static TheoryData<string> Models => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "models"), "*.onnx").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Models))]
    public void ReadsModelsAlike(string name) => ReadsModelAlike(Path.Combine(Repository.Root, "models", name));

    [FactRequiring(TestSource.Shared)]
    public void ReadsRealModelsAlike()
    {
        foreach (string path in Directory.EnumerateFiles(TestData.SharedModels, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)) ReadsModelAlike(path);
    }

    private static void ReadsModelAlike(string path)
    {
        using var model = OnnxModel.Load(path);
        var network = OnnxImporter.Import(model);
        foreach (var coding in Enum.GetValues<ConstantCoding>())
        {
            using var stream = new MemoryStream();
            NetworkEncoder.Encode(network, stream, new EncodeOptions { Coding = coding });
            ReadsAlike(stream.ToArray());
        }
    }

    private static void ReadsAlike(byte[] bytes)
    {
        var plain = new PlainDecoder(s_tables).Decode(bytes);
        using var file = EncodedNetwork.Open(new MemoryByteSource(bytes));
        Assert.Null(PlainComparison.FirstDifference(plain, file.Network));
        Assert.Equal(file.Constants.Count, plain.Constants.Count);
        Assert.Equal(file.ReadSource(), plain.Source);
    }

    // The comparison itself: every kind of difference is one.
    [Fact]
    public void DifferencesAreSeen()
    {
        var networks = GoldenNetworks.All.Select(g => (g.Key, Network: g.Value())).ToList();
        foreach (var (name, _) in networks)
        {
            var plain = new PlainDecoder(s_tables).Decode(File.ReadAllBytes(GoldenNetworks.PathOf(name)));
            Assert.All(networks, other => Assert.Equal(other.Key == name, PlainComparison.FirstDifference(plain, other.Network) is null));
        }
    }

    [Fact]
    public void ItStaysSmallAndApart()
    {
        string[] files = Directory.GetFiles(Path.Combine(Repository.Tests, "Oracles"), "*.cs");
        Assert.InRange(files.Sum(f => File.ReadAllLines(f).Count(IsCode)), 1, 1500);
        Assert.All(files, f => Assert.DoesNotContain("using Strata", File.ReadAllText(f), StringComparison.Ordinal));

        static bool IsCode(string line) => line.Trim() is { Length: > 0 } code && !code.StartsWith("//", StringComparison.Ordinal);
    }
}

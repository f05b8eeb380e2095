using System.Text.Json;
using Strata.Tests.Support;

namespace Strata.Tests.Cli;

public class HeaderBenchTests
{
    /// <summary>What the verb states are parts of a file: they fit in it, and quantised matrices with all that belongs to them take less than they do uncoded.</summary>
    [Fact]
    public void PartsOfAFileAreStatedInBytes()
    {
        using var cli = new CliRun().WithDense();
        Assert.Equal(0, cli.Run($"bench headers {Path.Combine(Repository.Root, "models", "mobilenet.onnx")} @dense.onnx --json --progress none"));
        using var document = JsonDocument.Parse(cli.Out);
        Assert.Equal("dense", Assert.Single(document.RootElement.GetProperty("tooSmall").EnumerateArray()).GetString());
        var model = Assert.Single(document.RootElement.GetProperty("models").EnumerateArray());
        long Long(string name) => model.GetProperty(name).GetInt64();
        Assert.Equal("mobilenet", model.GetProperty("name").GetString());
        Assert.InRange(Long("brotli"), 1, Long("skeleton") - 1);
        Assert.InRange(model.GetProperty("topology").GetDouble() + model.GetProperty("names").GetDouble(), 1, Long("brotli"));
        Assert.InRange(Long("weights"), 30_000, 42_424);
        long matrices = Long("symbols") + Long("scales") + Long("layerHeaders");
        Assert.Equal(8.0 * matrices / Long("weights"), model.GetProperty("bitsPerWeight").GetDouble());
        Assert.InRange(model.GetProperty("bitsPerWeight").GetDouble(), 2, 4.5);
        Assert.InRange(Long("otherFloats"), 1, Long("otherFloatsRaw"));
        Assert.InRange(matrices + Long("otherFloats"), 1, Long("file"));
    }

    [Fact]
    public void AFolderIsItsModels()
    {
        using var cli = new CliRun().WithDense().WithDense("other.onnx");
        Assert.Equal(0, cli.Run($"bench headers {Path.GetDirectoryName(cli["dense.onnx"])} --progress none"));
        Assert.Equal("", cli.Out);
        Assert.Equal("strata: fewer than 20,000 weights: dense, other\n", cli.Error);
        Directory.CreateDirectory(cli["empty"]);
        Assert.Equal(2, cli.Run("bench headers @empty"));
    }
}

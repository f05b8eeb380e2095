using System.Text.Json;
using Strata.Compiler.Frontend.Onnx;
using Strata.Tensors;

namespace Strata.Tests.Cli;

public class SuiteVerbTests
{
    [Fact]
    public void EachCaseIsALineAndFailuresAreCounted()
    {
        using var cli = Suite();
        Assert.Equal(5, cli.Run("verify --suite @. --route interpreter --way given"));
        Assert.Contains("passed good given interpreter\n", cli.Out);
        Assert.Contains("failed wrong given interpreter: output 'y': ", cli.Out);
        Assert.EndsWith("2 cases, 2 runs: 1 passed, 1 failed, 0 unsupported, 0 errors\n", cli.Out);
    }

    [Fact]
    public void FiltersChooseCases()
    {
        using var cli = Suite();
        Assert.Equal(0, cli.Run("verify --suite @. goo"));
        Assert.Equal(0, cli.Run("verify --suite @. --filter goo --threads 1"));
        Assert.Equal(2, cli.Run("verify --suite @. nothing"));
    }

    [Fact]
    public void TolerancesDecide()
    {
        using var cli = Suite();
        Assert.Equal(0, cli.Run("verify --suite @. --route interpreter --way given --atol 1"));
    }

    [Fact]
    public void JsonCountsPerOperator()
    {
        using var cli = Suite();
        Assert.Equal(5, cli.Run("verify --suite @. --route encoded --way constant --json"));
        using var json = JsonDocument.Parse(cli.Out);
        Assert.Equal("strata.suite/1", json.RootElement.GetProperty("schema").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("operators").GetProperty("MatMul").GetProperty("failed").GetInt32());
        Assert.Equal("constant", json.RootElement.GetProperty("results")[0].GetProperty("way").GetString());
    }

    [Fact]
    public void RecordedDataNeedNoReference()
    {
        using var cli = Suite();
        string good = cli["good"], wrong = cli["wrong"];
        Assert.Equal(0, cli.Run($"verify {good}/model.onnx --data {good}"));
        Assert.Equal(5, cli.Run($"verify {wrong}/model.onnx --data {wrong}"));
    }

    // Two cases of one network; the second one's output was recorded wrongly.
    private static CliRun Suite()
    {
        var cli = new CliRun().WithDense();
        foreach (var (name, error) in new[] { ("good", 0f), ("wrong", 0.5f) })
        {
            string data = Path.Combine(cli[name], "test_data_set_0");
            Directory.CreateDirectory(data);
            File.Copy(cli["dense.onnx"], Path.Combine(cli[name], "model.onnx"));
            File.WriteAllBytes(Path.Combine(data, "input_0.pb"), OnnxValues.Serialize(Tensor.From<float>([1, 4], [0, 0, 0, 0]), "x"));
            File.WriteAllBytes(Path.Combine(data, "output_0.pb"), OnnxValues.Serialize(Tensor.From<float>([1, 3], [0.5f + error, 0, 0]), "y"));
        }
        return cli;
    }
}

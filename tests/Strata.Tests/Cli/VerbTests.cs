using System.Text.Json;
using Strata.Compiler.Data;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;
using Strata.Tensors;
using Strata.Tests.Support;
using VerifyXunit;

namespace Strata.Tests.Cli;

/// <summary>Each verb at its main job.</summary>
public class VerbTests
{
    [Fact]
    public async Task CompileInspectDecodeRunVerify()
    {
        using var cli = new CliRun().WithDense();
        Save(cli["x.npy"], Tensor.From<float>([2, 4], [1, 2, 3, 4, -1, 0.5f, 0, 2]));
        string[] lines =
        [
            "compile @dense.onnx -o @dense.strata --stop-after-patch 0 --progress none",
            "inspect @dense.onnx",
            "inspect @dense.strata",
            "inspect @dense.strata --layer bias",
            "inspect @dense.strata --text",
            "inspect @dense.strata --layer 0 --json",
            "decode @dense.strata -o @decoded.onnx",
            "decode @dense.strata --layer product -o @product.onnx",
            "decode @dense.strata --layer product -o @product.npz",
            "run @dense.strata --input x=@x.npy --top 2",
            "run @product.onnx --input @x.npy --output product=@product.npy",
            "run @decoded.onnx --random --seed 3 --dim batch=2 --top 1 --progress json",
            "verify @dense.strata --against @decoded.onnx",
        ];
        await Verifier.Verify(string.Concat(lines.Select(l => cli.Transcript(l) + "\n")));
    }

    [Fact]
    public async Task DiffShowsWhatIsNotTheSame()
    {
        using var cli = new CliRun().WithDense().WithDense("tuned.onnx", scale: 1.01f);
        cli.Run("compile @dense.onnx -o @dense.strata --stop-after-patch 0");
        string[] lines =
        [
            "diff @dense.onnx @dense.strata",
            "diff @dense.onnx @tuned.onnx --dim batch=2 --progress none",
            "diff @tuned.onnx @dense.strata --no-run --json",
        ];
        await Verifier.Verify(string.Concat(lines.Select(l => cli.Transcript(l) + "\n")));
    }

    [Fact]
    public void DiffSaysWhenOnlyNamesDiffer()
    {
        using var cli = new CliRun().WithDense();
        cli.Run("compile @dense.onnx -o @dense.strata --stop-after-patch 0 --dim batch=2");
        Assert.Equal(0, cli.Run("diff @dense.onnx @dense.strata --dim batch=2"));
        var builder = new NetworkBuilder("other");
        builder.Output("z", builder.Add(new Strata.Operators.Relu(), [builder.Input("a", new TensorType(ElementType.Float32, [2]))], [new OutputSpec("b")], "c").Outputs[0]!);
        File.WriteAllBytes(cli["other.onnx"], OnnxExporter.Export(builder.Build()));
        builder = new NetworkBuilder("other");
        builder.Output("y", builder.Add(new Strata.Operators.Relu(), [builder.Input("x", new TensorType(ElementType.Float32, [2]))], [new OutputSpec("b")], "d").Outputs[0]!);
        File.WriteAllBytes(cli["renamed.onnx"], OnnxExporter.Export(builder.Build()));
        Assert.Equal(5, cli.Run("diff @other.onnx @renamed.onnx"));
        Assert.EndsWith("the same computation: every layer computes the same from the same weights. What differs: the names of 1 layer and their values, names of inputs and outputs\n", cli.Out);
        Assert.Matches(@"\ny +inf +1\.000000 +0 ", cli.Out);
    }

    [Fact]
    public async Task BenchShowsTimesAndMemory()
    {
        using var cli = new CliRun().WithDense();
        cli.Run("compile @dense.onnx -o @dense.strata");
        string[] lines =
        [
            "bench @dense.strata --runs 7 --warmup 0 --threads 1",
            "bench @dense.onnx --runs 2 --warmup 2 --dim batch=3 --threads 2 --progress none",
        ];
        await Verifier.Verify(string.Concat(lines.Select(l => CliRun.WithoutFigures(cli.Transcript(l)) + "\n")));
    }

    [Fact]
    public void BenchTimesAsManyRunsAsAreAskedFor()
    {
        using var cli = new CliRun().WithDense();
        Save(cli["x.npy"], Tensor.From<float>([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]));
        Assert.Equal(0, cli.Run("bench @dense.onnx --input x=@x.npy --runs 23 --warmup 1 --json"));
        using var json = JsonDocument.Parse(cli.Out);
        Assert.Equal("f32[2, 4]", json.RootElement.GetProperty("inputs")[0].GetProperty("type").GetString());
        var engine = Assert.Single(json.RootElement.GetProperty("engines").EnumerateArray());
        Assert.Equal(23, engine.GetProperty("runs").GetArrayLength());
        Assert.True(engine.GetProperty("best").GetDouble() <= engine.GetProperty("p50").GetDouble() && engine.GetProperty("p50").GetDouble() <= engine.GetProperty("p90").GetDouble());
    }

    [Fact]
    public void BenchGoesOnWithoutAPeerThatCannotRunTheModel()
    {
        using var cli = new CliRun().WithDense();
        File.WriteAllText(cli["bad.onnx"], "not a model");
        Assert.Equal(0, cli.Run("bench @dense.onnx --against @bad.onnx --runs 1 --warmup 0"));
        Assert.Contains("strata: ONNX Runtime ", cli.Error);
        Assert.Contains("\nStrata ", cli.Out);
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void BenchComparesWithOnnxRuntimeInTheSameRun()
    {
        using var cli = new CliRun().WithDense();
        cli.Run("compile @dense.onnx -o @dense.strata");
        Assert.Equal(0, cli.Run("bench @dense.strata --against @dense.onnx --runs 4 --warmup 1 --dim batch=2 --json"));
        using var json = JsonDocument.Parse(cli.Out);
        var engines = json.RootElement.GetProperty("engines");
        Assert.Equal(2, engines.GetArrayLength());
        Assert.Equal(engines[0].GetProperty("p50").GetDouble() / engines[1].GetProperty("p50").GetDouble(), json.RootElement.GetProperty("ratio").GetDouble(), 6);
        Assert.True(json.RootElement.GetProperty("outputs")[0].GetProperty("relativeError").GetDouble() < 1e-5);
    }

    [Fact]
    public void BenchOfAFolderIsATable()
    {
        using var cli = new CliRun().WithDense();
        Directory.CreateDirectory(cli["models/broken"]);
        File.Copy(cli["dense.onnx"], cli["models/dense.onnx"]);
        File.WriteAllBytes(cli["models/broken/model.onnx"], [1, 2, 3]);
        Assert.Equal(0, cli.Run("bench @models --runs 2 --warmup 1 --threads 1"));
        Assert.Contains("\n| broken | 1 | not measured: ", cli.Out);
        Assert.Contains("\n| dense | 1 | ", cli.Out);
        string[] tables = [.. cli.Out.Split('\n').Where(l => l.StartsWith('|'))];
        foreach (string line in tables) Assert.Contains(line.Count(c => c == '|'), (int[])[14, 7]);
#if HAVE_ONNXRUNTIME
        Assert.Contains("\n| below 20 MFLOP | 1 | 1 | ", cli.Out);
#endif
        Assert.Equal(2, cli.Run("bench @models --against @dense.onnx"));
        Directory.CreateDirectory(cli["none"]);
        Assert.Equal(2, cli.Run("bench @none"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" --reference")]
    public void RunShowsWhereTheTimeGoes(string option)
    {
        using var cli = new CliRun().WithDense();
        Assert.Equal(0, cli.Run("run @dense.onnx --random --profile --json" + option));
        using var json = JsonDocument.Parse(cli.Out);
        var profile = json.RootElement.GetProperty("profile");
        var steps = profile.GetProperty("steps").EnumerateArray().ToArray();
        Assert.True(profile.GetProperty("run").GetDouble() > 0 && profile.GetProperty("firstRun").GetDouble() > 0 && profile.GetProperty("open").GetDouble() > 0);
        Assert.Equal(option.Length > 0, steps.Length == 0);
        if (steps.Length > 0) Assert.Equal(1, steps.Sum(s => s.GetProperty("share").GetDouble()), 6);

        Assert.Equal(0, cli.Run("run @dense.onnx --random --profile" + option));
        foreach (var step in steps) Assert.Contains(step.GetProperty("kernel").GetString()!, cli.Out);
        Assert.Contains("first run", cli.Out);
    }

    [Fact]
    public async Task ExplainNamesKernelsAndReasons()
    {
        using var cli = new CliRun().WithDense();
        var builder = new NetworkBuilder("mixed");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("n"), 3]));
        builder.Output("y", builder.Add(new Strata.Operators.Hardmax(), builder.Add(new Strata.Operators.Relu(), x)));
        File.WriteAllBytes(cli["mixed.onnx"], OnnxExporter.Export(builder.Build()));
        string text = string.Concat(new[] { "explain @dense.onnx --dim batch=2", "explain @mixed.onnx", "explain @mixed.onnx --dim n=5 --json" }.Select(l => cli.Transcript(l) + "\n"));
        // Kernels and their expected times depend on the machine.
        text = System.Text.RegularExpressions.Regex.Replace(CliRun.WithoutFigures(text), @"\b(v512|v256|v128|scalar|vector512|vector256|vector128)\b", "WIDTH");
        await Verifier.Verify(text);
    }

    [Fact]
    public async Task PassesAreListed()
    {
        using var cli = new CliRun();
        await Verifier.Verify($"{cli.Transcript("passes")}\n{cli.Transcript("passes --json")}");
    }

    [Fact]
    public void ASizeThatSuitsTheModelIsFoundForOpenDimensions()
    {
        using var cli = new CliRun();
        foreach (var (name, width) in (ReadOnlySpan<(string, int)>)[("window.onnx", 5), ("wide.onnx", 300), ("widest.onnx", 3000)])
        {
            var builder = new NetworkBuilder("window");
            var x = builder.Input("x", new TensorType(ElementType.Float32, [name == "wide.onnx" ? Dim.Symbol("batch") : 1, 1, Dim.Symbol("height"), Dim.Symbol("width")]));
            builder.Output("y", builder.Add(new Strata.Operators.Conv(), x, builder.Constant(Tensor.Zeros(ElementType.Float32, [1, 1, 5, width]))));
            File.WriteAllBytes(cli[name], OnnxExporter.Export(builder.Build()));
        }
        const string Found = "symbolic dimensions of random inputs: height=16, width=16 (choose with --dim)";
        foreach (string line in (string[])["run @window.onnx --random", "explain @window.onnx", "bench @window.onnx --runs 1 --warmup 0 --progress none"])
        {
            Assert.Equal(0, cli.Run(line));
            Assert.Contains(Found, cli.Error, StringComparison.Ordinal);
        }
        Assert.Equal(0, cli.Run("run @window.onnx --random --dim height=7"));
        Assert.Contains("symbolic dimensions of random inputs: width=16 (choose with --dim)", cli.Error, StringComparison.Ordinal);
        Assert.Equal(0, cli.Run("run @wide.onnx --random --dim height=7"));
        Assert.Contains("symbolic dimensions of random inputs: batch=1, width=1024 (choose with --dim)", cli.Error, StringComparison.Ordinal);
        Assert.Equal(3, cli.Run("run @widest.onnx --random --dim height=7"));
        Assert.Contains("width taken as 1; 2, 16, 64, 224, 1024 do not suit either", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void VerifyAndDiffSayByWhatTheyRan()
    {
        using var cli = new CliRun().WithDense();
        cli.Run("compile @dense.onnx -o @dense.strata --weights f16");
        foreach (string route in (string[])["interpreter", "engine"])
        {
            Assert.InRange(cli.Run($"verify @dense.strata --against @dense.onnx --route {route} --json"), 0, 5);
            using var verified = JsonDocument.Parse(cli.Out);
            Assert.Equal(route, verified.RootElement.GetProperty("route").GetString());
            Assert.Equal(route == "engine", !verified.RootElement.TryGetProperty("layers", out _)); // the engine fuses layers
            Assert.Equal(5, cli.Run($"diff @dense.onnx @dense.strata --route {route} --json"));
            using var compared = JsonDocument.Parse(cli.Out);
            Assert.Equal(route, compared.RootElement.GetProperty("numerics").GetProperty("route").GetString());
        }
        cli.Run("verify @dense.strata --against @dense.onnx --route engine");
        Assert.StartsWith("dense.strata by the engine against dense.onnx, 1 run", cli.Out, StringComparison.Ordinal);
        cli.Run("diff @dense.onnx @dense.strata");
        Assert.Contains("1 run on random inputs, seed 0, by reference evaluations", cli.Out, StringComparison.Ordinal);
        Assert.Equal(2, cli.Run("verify @dense.strata --against @dense.onnx --route passes"));
    }

    [Fact]
    public void PassesOfAModelAreSummedUp()
    {
        using var cli = new CliRun();
        string model = Path.Combine(Repository.Root, "models", "tagger.onnx");
        Assert.Equal(0, cli.Run($"compile {model} -o @tagger.strata --json"));
        using var compiled = JsonDocument.Parse(cli.Out);
        Assert.Equal(0, cli.Run($"passes {model} --json"));
        using var passes = JsonDocument.Parse(cli.Out);
        var (runs, result) = (passes.RootElement.GetProperty("runs"), passes.RootElement.GetProperty("result"));
        Assert.Equal(compiled.RootElement.GetProperty("importedLayers").GetInt32(), result.GetProperty("layersBefore").GetInt32());
        Assert.Equal(compiled.RootElement.GetProperty("layers").GetInt32(), result.GetProperty("layersAfter").GetInt32());
        Assert.Equal(runs.EnumerateArray().Sum(r => r.GetProperty("patches").GetInt64()), result.GetProperty("patches").GetInt64());
        int rounds = result.GetProperty("rounds").GetInt32();
        Assert.InRange(rounds, 2, 50); // the last finds nothing

        Assert.Equal(0, cli.Run($"passes {model}"));
        Assert.Contains($"{result.GetProperty("layersBefore")} → {result.GetProperty("layersAfter")} layers, {result.GetProperty("patches")} patches in {rounds} rounds, ", cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void ACompiledModelIsTheSameEveryTime()
    {
        using var cli = new CliRun().WithDense();
        cli.Run("compile @dense.onnx -o @a.strata");
        cli.Run("compile @dense.onnx -o @b.strata --threads 1 --no-verify");
        Assert.Equal(File.ReadAllBytes(cli["a.strata"]), File.ReadAllBytes(cli["b.strata"]));
    }

    [Fact]
    public void APreservedModelComesBackByteForByte()
    {
        using var cli = new CliRun().WithDense();
        Assert.Equal(0, cli.Run("compile @dense.onnx -o @dense.strata --preserve"));
        Assert.Equal(0, cli.Run("decode @dense.strata -o @back.onnx"));
        Assert.Equal(File.ReadAllBytes(cli["dense.onnx"]), File.ReadAllBytes(cli["back.onnx"]));
    }

    [Fact]
    public void StandardStreamsCarryModelsAndNothingElse()
    {
        using var cli = new CliRun().WithDense();
        byte[] onnx = File.ReadAllBytes(cli["dense.onnx"]);
        Assert.Equal(0, cli.Run("compile - -o - --preserve", onnx));
        Assert.Equal("", cli.Out);
        Assert.Contains("fidelity  exact", cli.Error);
        byte[] encoded = cli.OutBytes;
        Assert.Equal(0, cli.Run("decode - -o -", encoded));
        Assert.Equal(onnx, cli.OutBytes);
        Assert.Equal(0, cli.Run("inspect -", encoded));
        Assert.Contains("standard input, encoded network", cli.Out);
    }

    [Fact]
    public void ValuesGoInAndOutInEveryFormat()
    {
        using var cli = new CliRun().WithDense();
        Save(cli["x.npy"], Tensor.From<float>([1, 4], [1, 2, 3, 4]));
        Assert.Equal(0, cli.Run("run @dense.onnx --input x=@x.npy --output @all.npz --output y=@y.pb"));
        Assert.Equal(0, cli.Run("run @dense.onnx --input x=- --output y=-", File.ReadAllBytes(cli["x.npy"])));
        Assert.Equal("", cli.Out);
        var fromStream = NpyFile.Read(cli.OutBytes);
        using var archive = File.OpenRead(cli["all.npz"]);
        var fromArchive = Assert.Single(NpzFile.Read(archive, "all.npz", 1 << 20));
        Assert.Equal("y", fromArchive.Key);
        Assert.True(fromStream.BitEquals(fromArchive.Value));
        Assert.Equal(0, cli.Run("run @dense.onnx --input x=@x.npy --output @out"));
        Assert.True(fromStream.BitEquals(NpyFile.Read(File.ReadAllBytes(Path.Combine(cli["out"], "y.npy")))));
    }

    [Fact]
    public void VerifyExitsWith5BelowTheFloor()
    {
        using var cli = new CliRun().WithDense().WithDense("other.onnx", scale: 1.01f);
        Assert.Equal(0, cli.Run("verify @dense.onnx --against @dense.onnx --dim batch=3"));
        Assert.Equal(5, cli.Run("verify @other.onnx --against @dense.onnx --dim batch=3"));
        Assert.Contains("FAILED", cli.Out);
        Assert.Equal(5, cli.Run("verify @other.onnx --against @dense.onnx --dim batch=3 --json"));
        using var json = JsonDocument.Parse(cli.Out);
        Assert.Equal("strata.verify/1", json.RootElement.GetProperty("schema").GetString());
        Assert.False(json.RootElement.GetProperty("passed").GetBoolean());
        Assert.True(json.RootElement.GetProperty("outputs")[0].GetProperty("snrDb").GetDouble() is > 20 and < 80);
    }

    [Theory]
    [InlineData("compile @dense.onnx -o @x.strata --json", "strata.compile/1")]
    [InlineData("inspect @dense.onnx --json", "strata.inspect/1")]
    [InlineData("decode @dense.strata -o @y.onnx --json", "strata.decode/1")]
    [InlineData("run @dense.onnx --random --json", "strata.run/1")]
    [InlineData("check @dense.onnx --json", "strata.check/1")]
    [InlineData("diff @dense.onnx @dense.strata --json", "strata.diff/1")]
    [InlineData("explain @dense.onnx --json", "strata.explain/1")]
    [InlineData("bench @dense.strata --runs 1 --warmup 0 --json", "strata.bench/1")]
    public void JsonIsOneVersionedObject(string commandLine, string schema)
    {
        using var cli = new CliRun().WithDense();
        cli.Run("compile @dense.onnx -o @dense.strata --stop-after-patch 0");
        Assert.Equal(0, cli.Run(commandLine));
        using var json = JsonDocument.Parse(cli.Out);
        Assert.Equal(schema, json.RootElement.GetProperty("schema").GetString());
    }

    [Fact]
    public void NamesInAModelCannotSteerTheTerminal()
    {
        using var cli = new CliRun();
        var builder = new NetworkBuilder("\u001b[2Jevil");
        builder.Output("y\u001b[31m", builder.Input("x\u0007", new TensorType(ElementType.Float32, [2])));
        File.WriteAllBytes(cli["evil.onnx"], OnnxExporter.Export(builder.Build()));
        foreach (string line in new[] { "inspect @evil.onnx", "run @evil.onnx --random", "run @evil.onnx", "check @evil.onnx", "inspect @evil.onnx --json" })
        {
            cli.Run(line);
            Assert.DoesNotContain(cli.Out + cli.Error, c => char.IsControl(c) && c != '\n');
        }
    }

    [Fact]
    public void TheWebPageNeedsNothingElse()
    {
        using var cli = new CliRun().WithDense();
        Assert.Equal(0, cli.Run("inspect @dense.onnx --html @page.html"));
        string page = File.ReadAllText(cli["page.html"]);
        Assert.StartsWith("<!doctype html>", page);
        Assert.DoesNotContain("src=", page);
        Assert.DoesNotContain("href=", page);
        Assert.Contains("<td>product</td>", page);
    }

    private static void Save(string path, Tensor tensor)
    {
        using var file = File.Create(path);
        NpyFile.Write(file, tensor);
    }
}

using Google.Protobuf;
using Strata.Compiler.Data;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Tensors;
using Strata.Tests.Support;
using VerifyXunit;

namespace Strata.Tests.Cli;

/// <summary>What users see of their mistakes: what, where, the value, what is allowed, and never a stack trace.</summary>
public class ErrorTests
{
    [Fact]
    public async Task MistakesAreExplained()
    {
        using var cli = new CliRun().WithDense();
        cli.Run("compile @dense.onnx -o @dense.strata --stop-after-patch 0");
        File.WriteAllText(cli["junk.onnx"], "this is no model");
        File.WriteAllBytes(cli["cut.strata"], File.ReadAllBytes(cli["dense.strata"])[..200]);
        byte[] flipped = File.ReadAllBytes(cli["dense.strata"]);
        flipped[^1] ^= 4;
        File.WriteAllBytes(cli["flipped.strata"], flipped);
        Save(cli["wide.npy"], Tensor.Zeros(ElementType.Float32, 2, 5));
        Save(cli["double.npy"], Tensor.Zeros(ElementType.Float64, 2, 4));

        string[] lines =
        [
            "", "inspekt x", "compile @dense.onnx", "run --frobnicate", "run @dense.onnx --dim batch", "verify @dense.onnx",
            "verify @dense.onnx --against @dense.onnx --rtol 1", "compile @dense.onnx -o @nowhere/x.strata", "inspect @none.onnx", "inspect @.",
            "inspect @junk.onnx", "inspect @cut.strata", "run @flipped.strata --random", "compile @dense.onnx -o @x.strata --dim depth=2",
            "run @dense.strata --random --dim depth=2", "run @dense.onnx", "run @dense.onnx --input x=@wide.npy", "run @dense.onnx --input x=@double.npy",
            "run @dense.onnx --input z=@wide.npy", "run @dense.onnx --input @wide.txt", "run @dense.onnx --random --output z=@z.npy",
            "compile @dense.onnx -o @dense.onnx", "decode @dense.onnx -o @x.onnx", "compile @dense.strata -o @x.strata", "inspect @dense.onnx --layer 7", "verify --suite @nosuite",
        ];
        await Verifier.Verify(string.Concat(lines.Select(l => cli.Transcript(l) + "\n")));
    }

    [Fact]
    public async Task StrangeOptionsAndFilesAreExplained()
    {
        using var cli = new CliRun().WithDense();
        cli.Run("compile @dense.onnx -o @dense.strata --stop-after-patch 0");
        File.WriteAllBytes(cli["empty.onnx"], []);
        File.WriteAllBytes(cli["empty.strata"], []);
        File.WriteAllBytes(cli["nograph.onnx"], [8, 8]);
        File.WriteAllText(cli["junk.pb"], "junk");
        File.WriteAllText(cli["junk.npz"], "junk");
        Directory.CreateDirectory(cli["suite"]);
        Directory.CreateDirectory(cli["badsuite"]);
        File.WriteAllText(cli["badsuite/manifest.json"], "[{\"name\": \"a\", \"onnxruntime_own_spread\": {\"y\": {}}}]");

        string[] lines =
        [
            "inspect @empty.onnx", "inspect @empty.strata", "inspect @nograph.onnx", "run @dense.strata --input x=@junk.pb", "run @dense.strata --input @junk.npz",
            "run @dense.strata --random --seed -1", "run @dense.strata --random --top=-1", "run @dense.strata --random --max-memory 2XB", "run @dense.strata --random --dim batch=9 --max-memory 0.1kB", "run @dense.strata --random --dim batch=9 --max-memory -1", "run @dense.strata --random --dim batch=-1", "run @dense.strata --random --dim batch=2147483648",
            "compile @dense.onnx -o @x.strata --threads 0", "compile @dense.onnx -o @x.strata --threads many", "verify --suite @suite", "verify --suite @badsuite", "verify --suite @suite --rtol nan",
            "verify @dense.strata", "decode @dense.strata -o @x.onnx --layer 3", "decode @dense.strata -o @x.onnx --layer none",
        ];
        await Verifier.Verify(string.Concat(lines.Select(l => cli.Transcript(l) + "\n")));
        File.WriteAllText(cli["suite/model.onnx"], "junk");
        Assert.Equal(5, cli.Run("verify --suite @suite --route interpreter --way given"));
        Assert.Contains("model.onnx: not an ONNX model", cli.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", cli.Out, StringComparison.Ordinal);
        Assert.Equal(7, cli.Run("run @dense.strata --random --dim batch=500000000"));
        Assert.Equal(2, cli.RunArguments(["compile", cli["dense.onnx"], "-o", ""]));
        Assert.Equal(2, cli.RunArguments(["run", cli["dense.onnx"], "--random", "-o", ""]));
    }

    [Fact]
    public void TheInputIsNotOverwrittenThroughALink()
    {
        using var cli = new CliRun().WithDense();
        byte[] before = File.ReadAllBytes(cli["dense.onnx"]);
        File.CreateSymbolicLink(cli["link.onnx"], cli["dense.onnx"]);
        Assert.Equal(2, cli.Run("compile @link.onnx -o @dense.onnx"));
        Assert.Equal(2, cli.Run("compile @dense.onnx -o @link.onnx"));
        Assert.Equal(before, File.ReadAllBytes(cli["dense.onnx"]));
    }

    [LinuxFact]
    public async Task PipesAreReadOnceAndWrittenInPlace()
    {
        using var cli = new CliRun().WithDense();
        cli.Run("compile @dense.onnx -o @dense.strata --stop-after-patch 0");
        using (var make = System.Diagnostics.Process.Start("mkfifo", cli["pipe"])) make.WaitForExit();

        byte[] model = File.ReadAllBytes(cli["dense.onnx"]);
        var writer = Task.Run(() => File.WriteAllBytes(cli["pipe"], model));
        Assert.Equal(0, cli.Run("inspect @pipe"));
        await writer;

        var reader = Task.Run(() => File.ReadAllBytes(cli["pipe"]));
        Assert.Equal(0, cli.Run("compile @dense.onnx -o @pipe --stop-after-patch 0"));
        Assert.Equal(File.ReadAllBytes(cli["dense.strata"]), await reader);
    }

    [Fact]
    public void AFailedCompileLeavesNothingBehind()
    {
        using var cli = new CliRun();
        File.WriteAllText(cli["junk.onnx"], "this is no model");
        Assert.Equal(3, cli.Run("compile @junk.onnx -o @out.strata"));
        Assert.Equal(["junk.onnx"], cli.Files);
    }

    [Fact]
    public async Task CheckListsEveryUnsupportedNodeAtOnce()
    {
        using var cli = new CliRun();
        File.WriteAllBytes(cli["odd.onnx"], OddModel());
        Assert.Equal(4, cli.Run("compile @odd.onnx -o @odd.strata"));
        await Verifier.Verify(cli.Transcript("check @odd.onnx") + "\n" + cli.Transcript("check @odd.onnx --json") + "\n" + cli.Transcript("compile @odd.onnx -o @odd.strata"));
    }

    [Fact]
    public void CancellingExitsWith130()
    {
        using var cli = new CliRun().WithDense();
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.Equal(130, cli.Run("run @dense.onnx --random", cancel: cancel.Token));
        Assert.EndsWith("strata: cancelled\n", cli.Error);
    }

    private static void Save(string path, Tensor tensor)
    {
        using var file = File.Create(path);
        NpyFile.Write(file, tensor);
    }

    // Two unknown operators, one of them twice, and an initializer that nobody uses.
    private static byte[] OddModel()
    {
        var type = new TypeProto { TensorType = new() { ElemType = 1, Shape = new() { Dim = { new TensorShapeProto.Types.Dimension { DimValue = 2 } } } } };
        return new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
            Graph = new GraphProto
            {
                Name = "odd",
                Input = { new ValueInfoProto { Name = "x", Type = type } },
                Output = { new ValueInfoProto { Name = "y", Type = type } },
                Initializer = { new TensorProto { Name = "spare", DataType = 1, Dims = { 2 }, FloatData = { 1, float.NaN } } },
                Node =
                {
                    new NodeProto { Name = "first", OpType = "Frobnicate", Input = { "x" }, Output = { "a" } },
                    new NodeProto { Name = "second", OpType = "Whirl", Domain = "com.example", Input = { "a" }, Output = { "b" } },
                    new NodeProto { OpType = "Frobnicate", Input = { "b" }, Output = { "y" } },
                },
            },
        }.ToByteArray();
    }
}

using Google.Protobuf;
using Strata.Compiler.Data;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Tensors;
using VerifyXunit;

namespace Strata.Tests.Cli;

/// <summary>What users see of their mistakes: what, where, the value, what is allowed, and never a stack trace.</summary>
public class ErrorTests
{
    [Fact]
    public async Task MistakesAreExplained()
    {
        using var cli = new CliRun().WithDense();
        cli.Run("compile @dense.onnx -o @dense.strata");
        File.WriteAllText(cli["junk.onnx"], "this is no model");
        File.WriteAllBytes(cli["cut.strata"], File.ReadAllBytes(cli["dense.strata"])[..200]);
        byte[] flipped = File.ReadAllBytes(cli["dense.strata"]);
        flipped[^70] ^= 4;
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

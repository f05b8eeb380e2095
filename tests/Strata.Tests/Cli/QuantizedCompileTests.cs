using System.Text.Json;
using Strata.Cli;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.Support;

namespace Strata.Tests.Cli;

/// <summary><c>compile --weights</c> as a user sees it: what it prints, what it exits with, and what later verbs make of the file.</summary>
public class QuantizedCompileTests
{
    private static readonly string Model = Path.Combine(Repository.Root, "models", "mobilenet.onnx");

    [Fact]
    public void CalibrationLosesLessThanRoundingAlone()
    {
        using var cli = new CliRun();
        double calibrated = Snr(cli, "--weights int4"), alone = Snr(cli, "--weights int4 --no-calibration"), clippingNothing = Snr(cli, "--weights int4 --no-calibration --scales absmax");
        Assert.True(calibrated > alone + 2, $"{calibrated} against {alone} and {clippingNothing} dB");
        Assert.True(calibrated > clippingNothing + 2, $"{calibrated} against {alone} and {clippingNothing} dB");
    }

    [Fact]
    public void MoreBitsLoseLessAndTakeMore()
    {
        using var cli = new CliRun();
        var (snr, bytes) = (double.NegativeInfinity, 0L);
        foreach (string format in new[] { "ternary", "int3", "int4", "int6", "int8" })
        {
            double next = Snr(cli, $"--weights {format}");
            long length = new FileInfo(cli["m.strata"]).Length;
            Assert.True(next > snr && length > bytes, $"{format}: {next} dB in {length} bytes after {snr} dB in {bytes}");
            (snr, bytes) = (next, length);
        }
        Assert.True(snr > 40, $"{snr}");
    }

    [Fact]
    public void TheSameOptionsGiveTheSameBytesOnAnyNumberOfThreads()
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["one.strata"], "--weights", "int4", "--threads", "1"]));
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["two.strata"], "--weights", "int4", "--threads", "2"]));
        Assert.Equal(File.ReadAllBytes(cli["one.strata"]), File.ReadAllBytes(cli["two.strata"]));
    }

    [Fact]
    public void AFloorIsKeptAndAppliedLater()
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.FidelityMissed, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--weights", "int3", "--min-snr", "60"]));
        Assert.Contains("FAILED: SNR at least 60 dB", cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.FidelityMissed, cli.RunArguments(["verify", cli["m.strata"], "--against", Model]));
        Assert.Contains("FAILED: SNR at least 60 dB", cli.Out, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--weights", "int8", "--min-snr", "20", "--min-agreement", "50%"]));
        Assert.Contains("passed: SNR at least 20 dB, top-1 agreement at least 50 %", cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["verify", cli["m.strata"], "--against", Model]));
    }

    [Fact]
    public void AFloorThatCannotBeMeasuredIsMissed()
    {
        using var cli = new CliRun();
        // Two inputs whose open sizes must differ by one: no generated inputs fit.
        var builder = new NetworkBuilder("mismatched");
        Value x = builder.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("n"), 40])), y = builder.Input("y", new TensorType(ElementType.Float32, [Dim.Symbol("n") + 1, 40]));
        var product = builder.Add(new MatMul(), x, builder.Constant(Tensor.Zeros(ElementType.Float32, 40, 40), "w"));
        var shape = builder.Constant(Tensor.Vector<long>(3, 40));
        builder.Output("z", builder.Add(new Reshape(), product, shape));
        builder.Output("u", builder.Add(new Neg(), y));
        File.WriteAllBytes(cli["x.onnx"], OnnxExporter.Export(builder.Build()));
        Assert.Equal(ExitCode.FidelityMissed, cli.Run("compile @x.onnx -o @x.strata --weights int8 --min-snr 20"));
        Assert.Contains("FAILED: a floor is given and not measured", cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, cli.Run("compile @x.onnx -o @x.strata --weights int8"));
        Assert.Equal(ExitCode.Ok, cli.Run("compile @x.onnx -o @x.strata --weights int8 --min-snr 20 --dim n=3"));
    }

    [Fact]
    public void KeptWeightsStayAndUnknownNamesAreRefused()
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--weights", "int8", "--json"]));
        var weights = JsonDocument.Parse(cli.Out).RootElement.GetProperty("quantized").EnumerateArray().ToArray();
        string name = weights[0].GetProperty("name").GetString()!;
        Assert.Equal("int8", weights[0].GetProperty("format").GetString());
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--weights", "int8", "--keep", name]));
        Assert.Contains($"kept as it was, because it was asked to be kept: {name}", cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--weights", "int8", "--keep", "nothing"]));
        Assert.Contains("is called 'nothing'", cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--weights int7", "give one of")]
    [InlineData("--weights int4 --group 1", "give a number from 2 on, channel, or tensor")]
    [InlineData("--weights f16 --group 32", "f16 has no scales")]
    [InlineData("--group 32", "--group goes with --weights only")]
    [InlineData("--min-snr 30", "--min-snr goes with --weights, --plan or a budget")]
    [InlineData("--weights int4 --min-agreement 101%", "give a share")]
    [InlineData("--weights int4 --preserve", "leave out --weights")]
    [InlineData("--weights int4 --min-snr 30 --no-verify", "leave out --no-verify")]
    [InlineData("--weights int4 --data nowhere", "there is no file or folder")]
    public void MistakesAreExplained(string options, string message)
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.Usage, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], .. options.Split(' ')]));
        Assert.Contains(message, cli.Error, StringComparison.Ordinal);
        Assert.Empty(cli.Files);
    }

    private static double Snr(CliRun cli, string options)
    {
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--json", .. options.Split(' ')]));
        return JsonDocument.Parse(cli.Out).RootElement.GetProperty("verification").GetProperty("outputs")[0].GetProperty("snrDb").GetDouble();
    }
}

using Strata.Compiler.Frontend.Onnx;
using Strata.Operators;
using Strata.Tests.Support;

namespace Strata.Tests.Cli;

/// <summary>Transposed convolutions by each method, from a model to its results and back.</summary>
public class ConvTransposeTests
{
    [Theory]
    [InlineData("auto")]
    [InlineData("split")]
    [InlineData("scatter")]
    [InlineData("split --weights int8")]
    public void EachMethodCompilesRunsAndComesBack(string options)
    {
        using var cli = new CliRun();
        File.Copy(Path.Combine(Repository.Root, "models", "generator.onnx"), cli["generator.onnx"]);
        Assert.Equal(0, cli.Run("compile @generator.onnx -o @auto.strata --progress none" + (options.Contains("int8", StringComparison.Ordinal) ? " --weights int8" : "")));
        Assert.Equal(0, cli.Run($"compile @generator.onnx -o @g.strata --progress none --conv-transpose {options}"));
        // The weights are stored once, whatever is made of them.
        Assert.InRange(new FileInfo(cli["g.strata"]).Length, 1, new FileInfo(cli["auto.strata"]).Length * 1.03);
        if (!options.Contains("int8", StringComparison.Ordinal)) Assert.Equal(0, cli.Run("verify @g.strata --against @generator.onnx --progress none"));
        Assert.Equal(0, cli.Run("run @g.strata --random --progress none"));

        Assert.Equal(0, cli.Run("explain @g.strata"));
        bool isSplit = options.StartsWith("split", StringComparison.Ordinal);
        Assert.Equal(isSplit, cli.Out.Contains("interleave", StringComparison.Ordinal));
        Assert.Contains(", 0 by reference,", cli.Out, StringComparison.Ordinal);
        if (isSplit) Assert.Contains(" convtranspose.split.", cli.Out, StringComparison.Ordinal);
        Assert.Equal(options == "scatter", !cli.Out.Contains("convtranspose.split", StringComparison.Ordinal));

        Assert.Equal(0, cli.Run("decode @g.strata -o @back.onnx"));
        using var back = OnnxModel.Load(cli["back.onnx"]);
        var layers = OnnxImporter.Import(back).Layers;
        // One has a stride of 1, which is a convolution with the filter turned around.
        Assert.Equal(isSplit ? 3 : 4, layers.Count(l => l.Operator is ConvTranspose { Method: ConvTransposeMethod.Auto }));
        Assert.Equal(isSplit ? 1 : 0, layers.Count(l => l.Operator is Conv));
        Assert.Equal(0, cli.Run("verify @g.strata --against @back.onnx --progress none"));
    }

    [Fact]
    public void TheNetworkIsShownAfterTheSplit()
    {
        using var cli = new CliRun();
        File.Copy(Path.Combine(Repository.Root, "models", "generator.onnx"), cli["generator.onnx"]);
        Assert.Equal(0, cli.Run("compile @generator.onnx -o @g.strata --progress none --conv-transpose split --dump-after conv-transpose-split"));
        Assert.Contains("= interleave(", cli.Out, StringComparison.Ordinal);
    }
}

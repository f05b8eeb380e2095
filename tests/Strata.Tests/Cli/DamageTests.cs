using System.Text.Json;
using Strata.Cli;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Cli;

/// <summary>Models broken on purpose: the report names the right weight and cause first, and the flag that it suggests repairs them.</summary>
public class DamageTests
{
    private const int Width = 64, Depth = 5;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void AChannelAThousandTimesAsLarge(int layer) => IsFoundAndRepaired(layer, "outlier channel", "--group tensor", weights =>
    {
        // What the next layer divides by: the model computes the same as before.
        for (int i = 0; i < Width; i++)
        {
            weights[layer][i * Width + 5] *= 1000;
            weights[layer + 1][5 * Width + i] /= 1000;
        }
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AnInputAThousandTimesAsLarge(int layer) => IsFoundAndRepaired(layer, "outlier channel", "--no-calibration --scales absmax", weights =>
    {
        for (int i = 0; i < Width; i++)
        {
            weights[layer - 1][i * Width + 7] /= 1000;
            weights[layer][7 * Width + i] *= 1000;
        }
    });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ARangeThatIsMostlyDead(int layer) => IsFoundAndRepaired(layer, "range", "--group tensor --scales absmax", weights =>
    {
        foreach (int at in new[] { 100, 2000 }) weights[layer][at] = 3;
    });

    [Fact]
    public void NoWeightIsRankedWhereNoneIsQuantised()
    {
        using var cli = new CliRun();
        Write(cli, _ => { });
        Assert.False(Compile(cli, "").TryGetProperty("damages", out _));
    }

    private static void IsFoundAndRepaired(int layer, string cause, string options, Action<float[][]> damage)
    {
        using var cli = new CliRun();
        Write(cli, damage);
        var broken = Compile(cli, $"--weights int4 {options}");
        var damages = broken.GetProperty("damages").EnumerateArray().ToArray();
        Assert.Equal(Depth, damages.Length);
        Assert.Equal(($"w{layer}", cause, $"--keep 'w{layer}'"), (damages[0].GetProperty("weight").GetString(), damages[0].GetProperty("cause").GetProperty("kind").GetString(), damages[0].GetProperty("flag").GetString()));
        Assert.All(damages.Skip(2), d => Assert.DoesNotContain(d.GetProperty("cause").GetProperty("kind").GetString()!, new[] { "outlier channel", "range" }));

        // As a person sees it.
        Assert.Equal(ExitCode.Ok, cli.Run($"compile @m.onnx -o @m.strata --weights int4 {options}"));
        Assert.Contains($"  worst     w{layer}: ", cli.Out, StringComparison.Ordinal);
        Assert.Contains($"dB by itself, {cause}: ", cli.Out, StringComparison.Ordinal);

        Assert.Equal(ExitCode.FidelityMissed, cli.Run("verify @m.strata --against @m.onnx --json"));
        var verified = JsonDocument.Parse(cli.Out).RootElement.GetProperty("damages");
        Assert.True(JsonElement.DeepEquals(broken.GetProperty("damages"), verified));

        // The flag as a shell reads it.
        var repaired = Compile(cli, $"--weights int4 {options} {damages[0].GetProperty("flag").GetString()!.Replace("'", "", StringComparison.Ordinal)}");
        Write(cli, _ => { });
        double intact = Snr(Compile(cli, $"--weights int4 {options}"));
        // The layer that divides a channel by 1000 again loses that one input under a scale of all.
        Assert.True(Snr(repaired) > Snr(broken) + 5 && Snr(repaired) > intact - 4, $"{Snr(broken)} dB, repaired {Snr(repaired)} dB, never broken {intact} dB");
        Assert.DoesNotContain(repaired.GetProperty("damages").EnumerateArray(), d => d.GetProperty("weight").GetString() == $"w{layer}");
    }

    // y = w4 · relu(w3 · relu(… w0 · x)).
    private static void Write(CliRun cli, Action<float[][]> damage)
    {
        var random = new Random(11);
        float[][] weights = [.. Enumerable.Range(0, Depth).Select(_ => Enumerable.Range(0, Width * Width).Select(_ => (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 0.35)).ToArray())];
        damage(weights);
        var builder = new NetworkBuilder("broken");
        var value = builder.Input("x", new TensorType(ElementType.Float32, Shape.Of(16, Width)));
        for (int i = 0; i < Depth; i++)
        {
            value = builder.Add(new MatMul(), value, builder.Constant(Tensor.From<float>([Width, Width], weights[i]), $"w{i}"));
            if (i < Depth - 1) value = builder.Add(new Relu(), value);
        }
        builder.Output("y", value);
        File.WriteAllBytes(cli["m.onnx"], OnnxExporter.Export(builder.Build()));
    }

    private static JsonElement Compile(CliRun cli, string options)
    {
        Assert.True(cli.Run($"compile @m.onnx -o @m.strata --json {options}") == ExitCode.Ok, cli.Error);
        return JsonDocument.Parse(cli.Out).RootElement;
    }

    private static double Snr(JsonElement report) => report.GetProperty("verification").GetProperty("outputs")[0].GetProperty("snrDb").GetDouble();
}

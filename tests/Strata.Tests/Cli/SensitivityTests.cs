using System.Text.Json;
using Strata.Cli;
using Strata.Tests.Support;

namespace Strata.Tests.Cli;

/// <summary><c>strata sensitivity</c> as a user sees it.</summary>
public class SensitivityTests
{
    private static readonly string Model = Path.Combine(Repository.Root, "models", "mobilenet.onnx");

    [Fact]
    public void FewerBitsTakeLessAndHurtMore()
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["sensitivity", Model, "--json"]));
        var weights = JsonDocument.Parse(cli.Out).RootElement.GetProperty("weights").EnumerateArray().ToArray();
        Assert.NotEmpty(weights);
        double previous = double.NegativeInfinity;
        foreach (var weight in weights)
        {
            var choices = weight.GetProperty("choices").EnumerateArray().ToArray();
            Assert.Equal("keep", choices[0].GetProperty("format").GetString());
            Assert.False(choices[0].TryGetProperty("snrDb", out _));
            double Snr(string format, string group) => Find(format, group).GetProperty("snrDb").GetDouble();
            long Bytes(string format, string group) => Find(format, group).GetProperty("bytes").GetInt64();
            JsonElement Find(string format, string group) => choices.Single(c => c.GetProperty("format").GetString() == format && c.TryGetProperty("group", out var given) && given.GetString() == group);
            choices = choices[1..];
            Assert.True(Snr("int8", "channel") > Snr("int4", "32") && Snr("int4", "32") > Snr("int2", "32"));
            Assert.True(Bytes("int8", "channel") > Bytes("int4", "32") && Bytes("int4", "32") > Bytes("int2", "32"));
            Assert.True(Snr("int4", "32") >= previous, "the most damaged come first");
            previous = Snr("int4", "32");
            Assert.NotEmpty(weight.GetProperty("cause").GetProperty("kind").GetString()!);
        }
    }

    [Fact]
    public void ThePlanItWritesBeatsAllAlikeInTheSameBytes()
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["sensitivity", Model, "--emit", cli["plan.json"]]));
        Assert.Contains("18 weights, SNR of the outputs in dB with one weight quantised, over 4 sets of generated inputs", cli.Out, StringComparison.Ordinal);
        var (uniform, bytes) = Compile(cli, "--weights", "int4");
        var (mixed, mixedBytes) = Compile(cli, "--plan", cli["plan.json"]);
        Assert.True(mixed > uniform + 1 && mixedBytes < 1.02 * bytes, $"{mixed} dB in {mixedBytes} bytes against {uniform} dB in {bytes}");
    }

    [Fact]
    public void TheSameOptionsGiveTheSamePlanOnAnyNumberOfThreads()
    {
        using var cli = new CliRun();
        foreach (string threads in new[] { "1", "2" }) Assert.Equal(ExitCode.Ok, cli.RunArguments(["sensitivity", Model, "--emit", cli[$"{threads}.json"], "--threads", threads]));
        Assert.Equal(File.ReadAllText(cli["1.json"]), File.ReadAllText(cli["2.json"]));
    }

    private static (double Snr, long Bytes) Compile(CliRun cli, params string[] options)
    {
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--json", .. options]));
        return (JsonDocument.Parse(cli.Out).RootElement.GetProperty("verification").GetProperty("outputs")[0].GetProperty("snrDb").GetDouble(), new FileInfo(cli["m.strata"]).Length);
    }
}

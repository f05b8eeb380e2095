using System.Text.Json;
using Strata.Cli;
using Strata.Tests.Support;

namespace Strata.Tests.Cli;

/// <summary><c>compile --max-size</c>, <c>--target-bpw</c> and <c>--max-error</c> as a user sees them.</summary>
public class BudgetTests
{
    private static readonly string Model = Path.Combine(Repository.Root, "models", "mobilenet.onnx");

    [Fact]
    public void AFileFillsItsSizeAndMoreBytesHurtLess()
    {
        using var cli = new CliRun();
        double previous = 0;
        foreach (int size in new[] { 40_000, 48_000, 60_000 })
        {
            double snr = Snr(Compile(cli, "--max-size", $"{size / 1000}kB"));
            Assert.InRange(new FileInfo(cli["m.strata"]).Length, (long)(0.98 * size), size);
            Assert.True(snr > previous, $"{snr} dB in {size} bytes after {previous}");
            previous = snr;
        }
    }

    [Fact]
    public void AMixedPlanBeatsAllAlikeInTheSameBytes()
    {
        using var cli = new CliRun();
        foreach (string format in new[] { "int3", "int4", "int5" })
        {
            double uniform = Snr(Compile(cli, "--weights", format));
            long size = new FileInfo(cli["m.strata"]).Length;
            double mixed = Snr(Compile(cli, "--max-size", $"{size}"));
            Assert.True(mixed > uniform && new FileInfo(cli["m.strata"]).Length <= size, $"{format}: {mixed} against {uniform} dB");
        }
    }

    [Fact]
    public void WhatFitsAsItIsKeepsEveryBit()
    {
        using var cli = new CliRun();
        var report = Compile(cli, "--max-size", "2MB");
        Assert.All(report.GetProperty("quantized").EnumerateArray(), w => Assert.Equal("the plan keeps it", w.GetProperty("keptBecause").GetString()));
    }

    [Fact]
    public void ASizeThatNoPlanReachesIsSaidWithTheNearest()
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.BudgetNotReachable, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--max-size", "10kB"]));
        string nearest = System.Text.RegularExpressions.Regex.Match(cli.Error, @"no plan fits into 10000 bytes: the smallest file has (\d+)").Groups[1].Value;
        Assert.DoesNotContain("m.strata", cli.Files);
        Compile(cli, "--max-size", nearest);
        Assert.Equal(nearest, $"{new FileInfo(cli["m.strata"]).Length}");
        Assert.Equal(ExitCode.BudgetNotReachable, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--target-bpw", "1"]));
        Assert.Contains("no plan comes to 1 bits per weight: the smallest has", cli.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.BudgetNotReachable, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--max-size", "40kB", "--max-error", "0.01%"]));
        Assert.Contains("within 40000 bytes the largest error is", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void BitsPerWeightAreKept()
    {
        using var cli = new CliRun();
        Assert.InRange(Compile(cli, "--target-bpw", "8").GetProperty("bitsPerWeight").GetDouble(), 7.84, 8);
    }

    [Fact]
    public void AnErrorIsKeptInFewBytesAndAppliedLater()
    {
        using var cli = new CliRun();
        long previous = 0;
        foreach (var (text, share) in new[] { ("20%", 0.2), ("0.02", 0.02) })
        {
            var output = Compile(cli, "--max-error", text).GetProperty("verification").GetProperty("outputs")[0];
            Assert.InRange(output.GetProperty("relativeError").GetDouble(), share / 8, share);
            long bytes = new FileInfo(cli["m.strata"]).Length;
            Assert.True(bytes > previous);
            previous = bytes;
        }
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["verify", cli["m.strata"], "--against", Model]));
        Assert.Contains("passed: errors within 0.02 of the largest magnitude", cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void KeptWeightsAndRowsOfAPlanAreLeftAlone()
    {
        using var cli = new CliRun();
        Compile(cli, "--weights", "int8", "--write-plan", cli["plan.json"]);
        var names = JsonDocument.Parse(File.ReadAllText(cli["plan.json"])).RootElement.GetProperty("weights").EnumerateArray().Select(w => w.GetProperty("weight").GetString()!).ToArray();
        File.WriteAllText(cli["one.json"], $$"""{"schema": "strata.plan/1", "weights": [{"weight": "{{names[0]}}", "format": "int6", "group": "tensor"}]}""");
        var weights = Compile(cli, "--max-size", "48kB", "--keep", names[1], "--plan", cli["one.json"]).GetProperty("quantized").EnumerateArray().ToDictionary(w => w.GetProperty("name").GetString()!);
        Assert.Equal(("int6", "tensor"), (weights[names[0]].GetProperty("format").GetString(), weights[names[0]].GetProperty("group").GetString()));
        Assert.Equal("it was asked to be kept", weights[names[1]].GetProperty("keptBecause").GetString());
        Assert.InRange(new FileInfo(cli["m.strata"]).Length, 47_040, 48_000);
    }

    [Fact]
    public void TheSameBudgetGivesTheSameBytesOnAnyNumberOfThreads()
    {
        using var cli = new CliRun();
        Compile(cli, "--max-size", "45kB", "--threads", "1");
        byte[] one = File.ReadAllBytes(cli["m.strata"]);
        Compile(cli, "--max-size", "45kB", "--threads", "2");
        Assert.Equal(one, File.ReadAllBytes(cli["m.strata"]));
    }

    [Theory]
    [InlineData("--max-size 0", "give a size")]
    [InlineData("--max-size huge", "give a size")]
    [InlineData("--max-error 0", "give a share above 0")]
    [InlineData("--target-bpw -1", "a number of bits above 0")]
    [InlineData("--max-size 45kB --weights int4", "leave out --weights")]
    [InlineData("--max-size 45kB --target-bpw 4", "give one")]
    [InlineData("--max-size 45kB --preserve", "leave out")]
    [InlineData("--max-error 1% --no-verify", "leave out --no-verify")]
    public void MistakesAreExplained(string options, string message)
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.Usage, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], .. options.Split(' ')]));
        Assert.Contains(message, cli.Error, StringComparison.Ordinal);
        Assert.Empty(cli.Files);
    }

    private static JsonElement Compile(CliRun cli, params string[] options)
    {
        Assert.True(cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--json", .. options]) == ExitCode.Ok, cli.Error);
        return JsonDocument.Parse(cli.Out).RootElement;
    }

    private static double Snr(JsonElement report) => report.GetProperty("verification").GetProperty("outputs")[0].GetProperty("snrDb").GetDouble();
}

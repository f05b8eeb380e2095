using System.Security.Cryptography;
using System.Text.Json;
using Strata.Cli;
using Strata.Tests.Support;

namespace Strata.Tests.Cli;

/// <summary>The card that <c>compile</c> writes beside a file with quantised weights.</summary>
public class CardTests
{
    private static readonly string Model = Path.Combine(Repository.Root, "models", "mobilenet.onnx");

    [Fact]
    public void ItSaysFromWhatAndHowTheFileWasMadeAndWhatItLost()
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--weights", "int4", "--min-snr", "10", "--json"]));
        Assert.Equal(["m.card.json", "m.card.md", "m.strata"], cli.Files);
        var report = JsonDocument.Parse(cli.Out).RootElement;
        var card = JsonDocument.Parse(File.ReadAllText(cli["m.card.json"])).RootElement;
        Assert.Equal("strata.card/1", card.GetProperty("schema").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Model))), card.GetProperty("source").GetProperty("sha256").GetString());
        Assert.Equal(new FileInfo(cli["m.strata"]).Length, card.GetProperty("file").GetProperty("bytes").GetInt64());
        Assert.True(JsonElement.DeepEquals(report.GetProperty("verification").GetProperty("outputs"), card.GetProperty("outputs")));
        Assert.True(JsonElement.DeepEquals(report.GetProperty("damages"), card.GetProperty("damages")));
        Assert.Equal(report.GetProperty("quantized").GetArrayLength(), card.GetProperty("weights").GetArrayLength());
        Assert.All(card.GetProperty("weights").EnumerateArray(), w => Assert.InRange(w.GetProperty("bitsPerWeight").GetDouble(), 2, 6));
        Assert.Equal(10, card.GetProperty("floor").GetProperty("snrDb").GetDouble());

        string page = File.ReadAllText(cli["m.card.md"]);
        Assert.StartsWith("# m.strata\n", page, StringComparison.Ordinal);
        foreach (string part in new[] { card.GetProperty("source").GetProperty("sha256").GetString()!, "## Fidelity", "| logits |", "The floor is kept: SNR at least 10 dB.", "## What hurts most", "`--keep '", "int4, group 32" })
            Assert.Contains(part, page, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameCompileWritesTheSameCard()
    {
        using var cli = new CliRun();
        var cards = new List<string>();
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], "--weights", "int8"]));
            cards.Add(File.ReadAllText(cli["m.card.json"]) + File.ReadAllText(cli["m.card.md"]));
        }
        Assert.Equal(cards[0], cards[1]);
    }

    [Theory]
    [InlineData("--weights int8 --no-card")]
    [InlineData("")]
    public void WithoutQuantisedWeightsOrWishThereIsNone(string options)
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]));
        Assert.Equal(["m.strata"], cli.Files);
    }
}

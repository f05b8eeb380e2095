using System.Text.Json;
using System.Text.Json.Nodes;
using Strata.Cli;
using Strata.Tests.Support;

namespace Strata.Tests.Cli;

/// <summary><c>compile --write-plan</c> and <c>--plan</c> as a user sees them.</summary>
public class PlanTests
{
    private static readonly string Model = Path.Combine(Repository.Root, "models", "mobilenet.onnx");

    [Fact]
    public void AWrittenPlanGivesTheSameFile()
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["a.strata"], "--weights", "int4", "--write-plan", cli["plan.json"]]));
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["b.strata"], "--plan", cli["plan.json"], "--write-plan", cli["again.json"]]));
        Assert.Equal(File.ReadAllBytes(cli["a.strata"]), File.ReadAllBytes(cli["b.strata"]));
        Assert.Equal(File.ReadAllText(cli["plan.json"]), File.ReadAllText(cli["again.json"]));
        var plan = JsonNode.Parse(File.ReadAllText(cli["plan.json"]))!;
        Assert.Equal(("strata.plan/1", "mobilenet.onnx"), (plan["schema"]!.GetValue<string>(), plan["model"]!.GetValue<string>()));
        long bytes = plan["weights"]!.AsArray().Sum(w => w!["bytes"]!.GetValue<long>());
        Assert.InRange(bytes, new FileInfo(cli["a.strata"]).Length / 4, new FileInfo(cli["a.strata"]).Length);
    }

    [Fact]
    public void AnEditedPlanIsCarriedOut()
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["a.strata"], "--weights", "int4", "--write-plan", cli["plan.json"]]));
        var plan = JsonNode.Parse(File.ReadAllText(cli["plan.json"]))!;
        var rows = plan["weights"]!.AsArray();
        foreach (string property in new[] { "group", "scales" }) rows[0]!.AsObject().Remove(property);
        rows[0]!["format"] = "keep";
        rows[1]!["format"] = "int8";
        rows[1]!["group"] = "tensor";
        string third = rows[2]!["weight"]!.GetValue<string>();
        rows.RemoveAt(2);
        File.WriteAllText(cli["plan.json"], plan.ToJsonString());

        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["a.strata"], "--plan", cli["plan.json"], "--json"]));
        var weights = Quantized(cli);
        Assert.Equal("the plan keeps it", weights[rows[0]!["weight"]!.GetValue<string>()].GetProperty("keptBecause").GetString());
        Assert.Equal("tensor", weights[rows[1]!["weight"]!.GetValue<string>()].GetProperty("group").GetString());
        Assert.Equal("the plan does not name it", weights[third].GetProperty("keptBecause").GetString());
        Assert.Equal("int4", weights[rows[2]!["weight"]!.GetValue<string>()].GetProperty("format").GetString());

        // What has no row takes --weights.
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["a.strata"], "--plan", cli["plan.json"], "--weights", "int6", "--json"]));
        Assert.Equal("int6", Quantized(cli)[third].GetProperty("format").GetString());
    }

    [Fact]
    public void RowsThatMatchNothingAreAllNamedWithWhatIsNear()
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.Ok, cli.RunArguments(["compile", Model, "-o", cli["a.strata"], "--weights", "int8", "--json"]));
        string name = Quantized(cli).Keys.First();
        File.WriteAllText(cli["plan.json"], new JsonObject
        {
            ["schema"] = "strata.plan/1",
            ["weights"] = new JsonArray(
                new JsonObject { ["weight"] = name, ["format"] = "int8" },
                new JsonObject { ["weight"] = name + "x", ["format"] = "int8" },
                new JsonObject { ["layer"] = "nowhere", ["format"] = "keep" }),
        }.ToJsonString());
        Assert.Equal(ExitCode.Usage, cli.RunArguments(["compile", Model, "-o", cli["b.strata"], "--plan", cli["plan.json"]]));
        Assert.Contains($"row 2 of the plan names the weight '{name}x', which the network does not have; near '{name}'", cli.Error, StringComparison.Ordinal);
        Assert.Contains("row 3 of the plan names the layer 'nowhere', which has no weight in the network; near '", cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("b.strata", cli.Files);
    }

    [Theory]
    [InlineData("--plan nowhere.json", "there is no file")]
    [InlineData("--write-plan p.json", "--write-plan goes with --weights, --plan or a budget")]
    [InlineData("--weights int8 --write-plan - --json", "leave out --json")]
    public void MistakesAreExplained(string options, string message)
    {
        using var cli = new CliRun();
        Assert.Equal(ExitCode.Usage, cli.RunArguments(["compile", Model, "-o", cli["m.strata"], .. options.Split(' ')]));
        Assert.Contains(message, cli.Error, StringComparison.Ordinal);
        Assert.Empty(cli.Files);
    }

    private static Dictionary<string, JsonElement> Quantized(CliRun cli) =>
        JsonDocument.Parse(cli.Out).RootElement.GetProperty("quantized").EnumerateArray().ToDictionary(w => w.GetProperty("name").GetString()!);
}

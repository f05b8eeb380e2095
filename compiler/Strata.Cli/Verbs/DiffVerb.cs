using System.Collections.Immutable;
using System.CommandLine;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler.Fidelity;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Cli.Verbs;

/// <summary><c>strata diff</c>: what is not the same in two models: structure, sizes, and what they compute.</summary>
internal sealed class DiffVerb : Verb
{
    private readonly Argument<string> first = CommonOptions.File("A", "An .onnx or .strata file; - reads standard input.");
    private readonly Argument<string> second = CommonOptions.File("B", "The file to compare with it.");
    private readonly Option<bool> noRun = new("--no-run") { Description = "Compare structure and sizes only; run neither." };
    private readonly DataOptions data = new("Run on recorded inputs");
    private readonly Option<string> route = CommonOptions.Route("Run both by slow reference evaluations, the same on every machine, or by the engine, fast and with its own roundings.");
    private readonly Option<ulong> seed = CommonOptions.Seed();
    private readonly Option<ImmutableDictionary<string, long>?> dims = CommonOptions.Dims();
    private readonly Option<bool> json = CommonOptions.Json("strata.diff/1");
    private readonly Option<string> progress = CommonOptions.Progress();

    public DiffVerb(Terminal terminal) : base(terminal, "diff",
        "Compare two models: layers, weights, sizes, and what both compute from the same inputs. Layers are matched by what they compute before by what they are called. Exits with 5 when the networks differ, if only in a name.",
        "strata diff model.onnx model.strata",
        "strata diff old.onnx new.onnx --no-run",
        "strata diff base.onnx tuned.onnx --data recorded/",
        "strata diff old.strata new.strata --json | jq '.layers[] | select(.status == \"changed\")'")
    {
        Add(first);
        Add(second);
        Add(noRun);
        data.AddTo(this);
        Add(route);
        Add(seed);
        Add(dims);
        Add(json);
        Add(progress);
        Validators.Add(result =>
        {
            if (result.GetValue(noRun) && result.GetValue(data.Path) is not null) result.AddError("--no-run and --data exclude each other.");
            if (result.GetValue(first) == "-" && result.GetValue(second) == "-") result.AddError("Only one of both files can come from standard input.");
        });
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        using var bar = new ProgressDisplay(Terminal, CommonOptions.StyleOf(parsed.GetValue(progress)));
        bar.Report("load");
        var fixedDims = CommonOptions.DimsOf(parsed.GetValue(dims));
        using var a = ModelFile.Open(parsed.GetRequiredValue(first), Terminal, fixedDims, isOneOfSeveral: true);
        using var b = ModelFile.Open(parsed.GetRequiredValue(second), Terminal, fixedDims, isOneOfSeveral: true);
        ModelFile.RequireSymbols(fixedDims, a, b);

        bar.Report("compare");
        var diff = NetworkDiff.Of(a.Network, b.Network);
        var by = CommonOptions.RouteOf(parsed.GetValue(route));
        var (fidelity, notRun) = diff.IsIdentical ? (null, "the networks are identical")
            : parsed.GetValue(noRun) ? (null, "--no-run")
            : a.Network.Inputs.Length != b.Network.Inputs.Length || a.Network.Outputs.Length != b.Network.Outputs.Length ? (null, "not as many inputs and outputs on both sides")
            : parsed.GetValue(data.Path) is { } folder ? (Recorded(a, b, RecordedData.Read(folder, b.Network, data.ImagesOf(parsed)), by, bar, cancel), null)
            : Random(a, b, by, parsed.GetValue(seed), fixedDims, bar, cancel);
        bar.Dispose();

        var comparison = new FileComparison(NetworkDescription.Of(a), NetworkDescription.Of(b), diff, fidelity, by, notRun);
        if (parsed.GetValue(json)) Terminal.WriteJson(DiffDocument.Of(comparison), CliJson.Readable.DiffDocument);
        else new DiffText(Terminal, comparison).Print($"{(parsed.GetValue(data.Path) is null ? $"random inputs, seed {parsed.GetValue(seed)}" : "recorded inputs")}, {CommonOptions.Phrase(by)}");
        return diff.IsIdentical ? ExitCode.Ok : ExitCode.FidelityMissed;
    }

    private static FidelityReport Recorded(ModelFile a, ModelFile b, IEnumerable<RecordedSet> sets, ExecutionRoute by, ProgressDisplay bar, CancellationToken cancel)
    {
        using var comparison = new NetworkComparison(b.Network, a.Network, byPosition: true, subjectRoute: by, referenceRoute: by);
        foreach (var set in sets)
        {
            bar.Report($"run {set.Name}");
            comparison.Run(set.Inputs, cancel);
        }
        return comparison.Report();
    }

    // Structure and sizes are worth showing even where random values do not suit the models.
    private (FidelityReport? Fidelity, string? NotRun) Random(ModelFile a, ModelFile b, ExecutionRoute by, ulong seed, ImmutableDictionary<string, long> dims, ProgressDisplay bar, CancellationToken cancel)
    {
        try
        {
            using var comparison = new NetworkComparison(b.Network, a.Network, byPosition: true, subjectRoute: by, referenceRoute: by);
            bar.Report("run");
            var none = new Dictionary<string, RuntimeValue>();
            return (RunInputs.Run(b.Network, none, random: true, seed, Agreed(a.Network, b.Network, dims), RunInputs.RecordedRemedy, Terminal, inputs =>
            {
                comparison.Run(inputs, cancel);
                return comparison.Report();
            }), null);
        }
        catch (InvalidInputException error)
        {
            return (null, $"a run failed: {error.Message}");
        }
    }

    // What the first network fixes and the second leaves open must be as the first wants it.
    private static ImmutableDictionary<string, long> Agreed(Network a, Network b, ImmutableDictionary<string, long> dims)
    {
        foreach (var (x, y) in from x in a.Inputs join y in b.Inputs on x.Name equals y.Name select (x.Type as TensorType, y.Type as TensorType))
        {
            if (x?.Shape is not { } wanted || y?.Shape is not { } open || wanted.Rank != open.Rank) continue;
            foreach (var (size, symbol) in wanted.Zip(open))
            {
                if (size.Constant is { } constant && symbol.SymbolName is { } name && !dims.ContainsKey(name)) dims = dims.Add(name, constant);
            }
        }
        return dims;
    }
}

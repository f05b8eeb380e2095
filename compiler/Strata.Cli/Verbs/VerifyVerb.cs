using System.Collections.Immutable;
using System.CommandLine;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Pipeline;
using Strata.Compiler.Planning;
using Strata.Tensors;

namespace Strata.Cli.Verbs;

/// <summary><c>strata verify</c>: fidelity of one file against a model or recorded outputs, or a whole suite of recorded cases.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Argument<string[]> files = new("FILE") { Description = "An .onnx or .strata file; with --suite, parts of case names to run.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> against = new("--against") { Description = "The model that FILE should compute the same as; it runs by reference evaluations.", HelpName = "MODEL" };
    private readonly DataOptions data = new("Recorded inputs; with recorded outputs (output_i.pb, or arrays named so in .npz), --against may be left out");
    private readonly Option<string?> labels = new("--labels") { Description = "Classes of the recorded inputs, a number per line in their order, or lines 'name class': scores the first output by top-1 and top-5.", HelpName = "FILE" };
    private readonly Option<ulong> seed = CommonOptions.Seed();
    private readonly Option<ImmutableDictionary<string, long>?> dims = CommonOptions.Dims();
    private readonly Option<bool> json = CommonOptions.Json("strata.verify/1, or strata.suite/1 with --suite");
    private readonly Option<string> progress = CommonOptions.Progress();
    private readonly SuiteOptions suite = new();

    public VerifyVerb(Terminal terminal) : base(terminal, "verify",
        $"Measure how well a file reproduces a model: signal-to-noise ratio, cosine, largest error, top-1 agreement, per output and per layer. Exits with 5 when an output's error exceeds {FidelityFloor.WeightLossless.MaxRelativeError} of its largest magnitude, or when a case of a suite fails.",
        "strata verify model.strata --against model.onnx",
        "strata verify model.strata --against model.onnx --data calibration/ --json",
        "strata verify model.strata --data recorded/ --route engine",
        "strata verify model.strata --against model.onnx --data pictures/ --image imagenet --labels classes.txt",
        "strata verify --suite onnx-testdata/node --route encoded",
        "strata verify --suite onnx-testdata/node conv pool")
    {
        files.Validators.Add(CommonOptions.RefuseOptions);
        Add(files);
        Add(against);
        data.AddTo(this);
        Add(labels);
        Add(seed);
        Add(dims);
        suite.AddTo(this);
        Add(json);
        Add(progress);
        Validators.Add(result =>
        {
            if (result.GetValue(suite.Folder) is null && result.GetValue(suite.Route) is { Length: > 0 } routes && (routes.Length > 1 || !CommonOptions.RouteNames.Contains(routes[0])))
                result.AddError($"A single FILE takes one --route, {string.Join(" or ", CommonOptions.RouteNames)}.");
            bool isSuite = result.GetValue(suite.Folder) is not null;
            if (isSuite && (result.GetValue(against) ?? result.GetValue(data.Path)) is not null) result.AddError("--against and --data do not go with --suite: a suite records its own.");
            if (!isSuite && result.GetValue(files) is not { Length: 1 }) result.AddError("Give one FILE to verify, or --suite DIR.");
            if (!isSuite && (result.GetValue(against) ?? result.GetValue(data.Path)) is null) result.AddError("Give --against MODEL, --data PATH with recorded outputs, or both.");
            if (result.GetValue(labels) is not null && result.GetValue(data.Path) is null) result.AddError("--labels goes with --data only.");
            if (!isSuite && suite.OfSuite.FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } option) result.AddError($"{option.Name} goes with --suite only.");
        });
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        using var bar = new ProgressDisplay(Terminal, CommonOptions.StyleOf(parsed.GetValue(progress)));
        if (parsed.GetValue(suite.Folder) is { } folder) return suite.Run(parsed, folder, parsed.GetValue(files)!, parsed.GetValue(json), bar, Terminal, cancel);

        bar.Report("load");
        var fixedDims = CommonOptions.DimsOf(parsed.GetValue(dims));
        using var subject = ModelFile.Open(parsed.GetValue(files)![0], Terminal, fixedDims);
        using var reference = parsed.GetValue(against) is { } path ? ModelFile.Open(path, Terminal, fixedDims) : null;
        var by = CommonOptions.RouteOf(parsed.GetValue(suite.Route)!.FirstOrDefault());
        var task = parsed.GetValue(labels) is { } file ? new LabelledTask(Labels.Read(file)) : null;
        using var comparison = new NetworkComparison(subject.Network, reference?.Network, perLayer: true, subjectRoute: by) { Ran = task is null ? null : task.Add };
        Measure(comparison, task, subject, reference, parsed, bar, cancel);

        var report = comparison.Report(FidelityFloor.ReadFrom(subject.Network.Metadata));
        var damages = reference is null ? [] : Measurement.DamagesAgainstModel(reference.Network, subject.Network,
            new CompileOptions { Data = parsed.GetValue(data.Path), Images = data.ImagesOf(parsed), Seed = parsed.GetValue(seed), Dims = fixedDims }, new StageProgress(bar), cancel);
        bar.Dispose();
        string compared = reference?.Name ?? "recorded outputs";
        if (parsed.GetValue(json)) Terminal.WriteJson(VerifyDocument.Of(subject.Name, compared, CommonOptions.RouteNames[(int)by], report, damages, task?.Scores), CliJson.Readable.VerifyDocument);
        else Print(subject.Name, compared, by, report, damages, task?.Scores);
        return report.Passed ? ExitCode.Ok : ExitCode.FidelityMissed;
    }

    private void Measure(NetworkComparison comparison, LabelledTask? task, ModelFile subject, ModelFile? reference, ParseResult parsed, ProgressDisplay bar, CancellationToken cancel)
    {
        if (parsed.GetValue(data.Path) is not { } folder)
        {
            bar.Report("run");
            var none = new Dictionary<string, RuntimeValue>();
            RunInputs.Run(subject.Network, none, random: true, parsed.GetValue(seed), CommonOptions.DimsOf(parsed.GetValue(dims)), RunInputs.RecordedRemedy, Terminal, inputs =>
            {
                comparison.Run(inputs, cancel);
                return inputs;
            });
            return;
        }
        foreach (var set in RecordedData.Read(folder, subject.Network, data.ImagesOf(parsed)))
        {
            bar.Report($"run {set.Name}");
            task?.Set = set.Name;
            if (reference is not null) comparison.Run(set.Inputs, cancel);
            else if (set.HasOutputs) comparison.Run(set.Inputs, set.Outputs, cancel);
            else throw new UsageException($"{set.Name} records no outputs; add --against MODEL");
        }
    }

    private void Print(string file, string against, ExecutionRoute by, FidelityReport report, IReadOnlyList<WeightDamage> weights, (TaskScore Reference, TaskScore File)? scores)
    {
        Terminal.Out.WriteLine($"{file} {CommonOptions.Phrase(by)} against {against}, {Sizes.Plural(report.Runs, "run")}");
        Terminal.Out.WriteLine();
        Terminal.WriteTable(FidelityTable.Of(report.Outputs));

        if (scores is var (ofReference, ofFile))
        {
            Terminal.Out.WriteLine();
            var table = new TextTable(["labelled", ">rows", ">top-1", ">top-5"]);
            table.Add([against, Sizes.Count(ofReference.Rows), Sizes.Share(ofReference.Top1), Sizes.Share(ofReference.Top5)]);
            table.Add([file, Sizes.Count(ofFile.Rows), Sizes.Share(ofFile.Top1), Sizes.Share(ofFile.Top5)]);
            Terminal.WriteTable(table);
        }

        // Damage first; what is exact needs no row.
        var damaged = report.Layers.Where(l => !l.Metrics.IsExact).OrderByDescending(l => l.Metrics.RelativeError ?? double.PositiveInfinity).ThenBy(l => l.LayerId).ToArray();
        if (report.Layers.Count > 0)
        {
            Terminal.Out.WriteLine();
            Terminal.Out.WriteLine($"{report.Layers.Count - damaged.Length} of {Sizes.Plural(report.Layers.Count, "layer value")} exact");
        }
        if (damaged.Length > 0)
        {
            var layers = new TextTable([">id", "layer", "operator", .. FidelityTable.Columns]);
            foreach (var layer in damaged) layers.Add([Sizes.Count(layer.LayerId), layer.LayerName, layer.Operator, .. FidelityTable.Cells(layer.Metrics)]);
            Terminal.WriteTable(layers);
        }
        if (weights.Count > 0)
        {
            Terminal.Out.WriteLine();
            var table = new TextTable(["quantised weight", ">SNR dB by itself", "cause", "spare it"]);
            foreach (var weight in weights) table.Add([weight.Weight, Sizes.Number(weight.Damage.SnrDb, "0.0"), $"{weight.Cause.Name}: {weight.Cause.Sentence}", weight.Flag]);
            Terminal.WriteTable(table);
        }
        FidelityTable.WriteMismatches(report.Outputs, Terminal);
        Terminal.Out.WriteLine();
        Terminal.Out.WriteLine($"{(report.Passed ? "passed" : "FAILED")}: {report.Floor}");
    }

    // Scores of what the first output should be and is, by the labels of the sets.
    private sealed class LabelledTask(Labels labels)
    {
        private readonly TaskScorer reference = labels.NewScorer(), file = labels.NewScorer();

        public string Set { get; set; } = "";

        public (TaskScore Reference, TaskScore File) Scores => (reference.Result(), file.Result());

        public void Add(IReadOnlyList<RuntimeValue?> expected, IReadOnlyList<RuntimeValue?> actual)
        {
            reference.Add(Set, expected[0]);
            file.Add(Set, actual[0]);
        }
    }
}

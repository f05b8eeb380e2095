using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Strata.Bitstream;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Pipeline;
using Strata.Compiler.Planning;
using Strata.Networks;
using Strata.Networks.Text;
using Strata.Operators;
using Strata.Passes;

namespace Strata.Cli.Verbs;

/// <summary><c>strata compile</c>: an ONNX model in, an encoded network out, checked.</summary>
internal sealed class CompileVerb : Verb
{
    private readonly Argument<string> model = CommonOptions.File("MODEL.onnx", "The ONNX model; - reads standard input.");
    private readonly Option<string> output = new("--output", "-o") { Description = "The encoded network to write; - is standard output.", HelpName = "MODEL.strata", Required = true };
    private readonly Option<bool> preserve = new("--preserve") { Description = "Run no pass and also keep the ONNX model itself: decoding gives back the same nodes, names, metadata and byte-equal initializers." };
    private readonly Option<string> codec = new("--codec")
    {
        Description = "How weights are stored: entropy-coded where that makes them shorter (auto), or as they lie in memory (raw). Both are exact.",
        HelpName = "auto|raw",
        DefaultValueFactory = _ => "auto",
    };
    private readonly WeightOptions weights = new();
    private readonly Option<string> convTranspose = new("--conv-transpose")
    {
        Description = "How transposed convolutions are computed: as costs less in each run (auto), as convolutions of sub-filters, layers of their own in the file (split), or by adding each input to the outputs that it reaches (scatter).",
        HelpName = "auto|split|scatter",
        DefaultValueFactory = _ => "auto",
    };
    private readonly Option<bool> strict = new("--strict") { Description = "Leave out passes that change how NaN and infinities propagate." };
    private readonly Option<string[]> dumpAfter = new("--dump-after")
    {
        Description = "Print the text form of the network after a pass, or after each that changes it (all), on standard output; repeatable. 'strata passes' lists them.",
        HelpName = "PASS|all",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string?> stopAfter = new("--stop-after") { Description = "Run no pass after this one.", HelpName = "PASS" };
    private readonly Option<long?> stopAfterPatch = new("--stop-after-patch")
    {
        Description = "Apply only the first N patches: bisecting N finds the rewrite that a difference comes from.",
        HelpName = "N",
        CustomParser = result => CommonOptions.Number<long>(result, v => v >= 0, "a whole number from 0 on"),
    };
    private readonly Option<bool> noVerify = new("--no-verify") { Description = "Neither measure the optimised network against the model nor decode the result." };
    private readonly Option<bool> noCard = new("--no-card") { Description = "Write no card (MODEL.card.json and MODEL.card.md) beside a file with quantised weights." };
    private readonly Option<ImmutableDictionary<string, long>?> dims = CommonOptions.Dims();
    private readonly Option<int?> threads = CommonOptions.Threads();
    private readonly Option<ulong> seed = CommonOptions.Seed();
    private readonly Option<bool> json = CommonOptions.Json("strata.compile/1");
    private readonly Option<string> progress = CommonOptions.Progress();

    public CompileVerb(Terminal terminal) : base(terminal, "compile", "Compile an ONNX model into an encoded network: optimise, measure against the model, encode, check that it decodes. Exits with 5 when an output misses the fidelity floor.",
        "strata compile model.onnx -o model.strata",
        "strata compile model.onnx -o model.strata --preserve",
        "strata compile model.onnx -o model.strata --weights int4 --group 32 --min-snr 20",
        "strata compile model.onnx -o model.strata --weights int4 --write-plan plan.json",
        "strata compile model.onnx -o model.strata --plan plan.json",
        "strata compile model.onnx -o model.strata --max-size 2MB",
        "strata compile model.onnx -o model.strata --max-error 1%",
        "strata compile model.onnx -o model.strata --dim batch=1 --dim sequence=128",
        "strata compile model.onnx -o model.strata --dump-after simplify > simplified.txt",
        "cat model.onnx | strata compile - -o - > model.strata")
    {
        Add(model);
        Add(output);
        Add(preserve);
        codec.AcceptOnlyFromAmong(StringComparer.Ordinal, "auto", "raw");
        Add(codec);
        weights.AddTo(this);
        convTranspose.AcceptOnlyFromAmong(StringComparer.Ordinal, "auto", "split", "scatter");
        Add(convTranspose);
        Add(strict);
        Add(dumpAfter);
        Add(stopAfter);
        Add(stopAfterPatch);
        Add(noVerify);
        Add(noCard);
        Add(dims);
        Add(threads);
        Add(seed);
        Add(json);
        Add(progress);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        string path = parsed.GetRequiredValue(model), target = parsed.GetRequiredValue(output);
        OutputFile.RequireFolder(target, path);
        string[] dumps = parsed.GetValue(dumpAfter)!;
        RequirePasses([.. dumps.Where(d => d != All), .. parsed.GetValue(stopAfter) is { } last ? [last] : Array.Empty<string>()]);
        if (dumps.Length > 0 && (target == "-" || parsed.GetValue(json))) throw new UsageException("--dump-after prints on standard output; leave out --json, and write the encoded network to a file");
        var options = weights.Apply(parsed, new CompileOptions
        {
            Dims = CommonOptions.DimsOf(parsed.GetValue(dims)),
            Preserve = parsed.GetValue(preserve),
            Coding = parsed.GetValue(codec) == "raw" ? ConstantCoding.Raw : ConstantCoding.Auto,
            ConvTranspose = Enum.Parse<ConvTransposeMethod>(parsed.GetValue(convTranspose)!, ignoreCase: true),
            Allowed = parsed.GetValue(strict) ? ValueEffects.Roundings : ValueEffects.Roundings | ValueEffects.NonFinite,
            StopAfterPass = parsed.GetValue(stopAfter),
            StopAfterPatch = parsed.GetValue(stopAfterPatch),
            AfterPass = dumps.Length > 0 ? new Dump(dumps, Terminal).After : null,
            Verify = !parsed.GetValue(noVerify),
            Seed = parsed.GetValue(seed),
            Threads = parsed.GetValue(threads) ?? Environment.ProcessorCount,
        });
        if (options is { Preserve: true, IsLossy: true }) throw new UsageException("--preserve keeps the model as it is; leave out --weights, --plan and budgets");
        if (!options.Verify && options.Floor != FidelityFloor.None) throw new UsageException("a floor needs measuring; leave out --no-verify");

        string? planTarget = weights.PlanTarget(parsed);
        if (planTarget is not null) OutputFile.RequireFolder(planTarget, path);
        if (planTarget == "-" && (target == "-" || parsed.GetValue(json))) throw new UsageException("--write-plan - prints on standard output; leave out --json, and write the encoded network to a file");

        using var bar = new ProgressDisplay(Terminal, CommonOptions.StyleOf(parsed.GetValue(progress)));
        var report = Compile(path, target, options, bar, cancel);
        bar.Dispose();
        if (planTarget is not null) OutputFile.Write(planTarget, Terminal, stream => PlanFile.Write(stream, report.Plan, (Path.GetFileName(path), report.ModelSha256)));

        bool hasCard = options.IsLossy && !parsed.GetValue(noCard) && OutputFile.IsFile(target);
        if (hasCard) ModelCard.Write(target, CardDocument.Of(path, target, options, report), Terminal);

        // What goes to standard output must stay the encoded network, or the plan, alone.
        var summary = target == "-" || planTarget == "-" ? Terminal.Error : Terminal.Out;
        if (parsed.GetValue(json)) summary.WriteLine(JsonSerializer.Serialize(CompileDocument.Of(path, target, report), CliJson.Readable.CompileDocument));
        else
        {
            Print(summary, path, target, report, options.Budget);
            if (hasCard) summary.WriteLine($"  {"card",-10}{ModelCard.PathsFor(target).Markdown}, {ModelCard.PathsFor(target).Json}");
        }
        return report.Verification?.Passed == false ? ExitCode.FidelityMissed : ExitCode.Ok;
    }

    private CompileReport Compile(string path, string target, CompileOptions options, ProgressDisplay bar, CancellationToken cancel)
    {
        using var onnx = ModelFile.OpenOnnx(path, Terminal);
        var stages = new StageProgress(bar);
        using var stream = OutputFile.OpenStream(target, Terminal);
        return stream is null
            ? Strata.Compiler.Compiler.Compile(onnx, target, options, stages, cancel)
            : Strata.Compiler.Compiler.Compile(onnx, stream, options, stages, cancel);
    }

    private static void Print(TextWriter summary, string path, string target, CompileReport report, WeightBudget? budget)
    {
        var encoding = report.Encoding;
        summary.WriteLine($"{path} → {target}");
        Line("size", $"{Sizes.Bytes(report.OriginalBytes)} → {Sizes.Bytes(encoding.FileBytes)} ({Sizes.Number(report.OriginalBytes == 0 ? null : 100.0 * encoding.FileBytes / report.OriginalBytes, "0.0")} %): "
            + $"layer data {Sizes.Bytes(encoding.DataBytes)}, headers {Sizes.Bytes(encoding.HeaderBytes)}{(encoding.SourceBytes == 0 ? "" : $", preserved model {Sizes.Bytes(encoding.SourceBytes)}")}");
        int layers = report.Network.TotalLayerCount;
        Line("network", $"{(layers == report.ImportedLayers ? "" : $"{Sizes.Count(report.ImportedLayers)} → ")}{Sizes.Plural(layers, "layer")}, {Sizes.Count(report.WeightCount)} weights, {Sizes.Number(report.BitsPerWeight, "0.00")} bits per weight");
        if (budget?.MaxBytes is { } most) Line("budget", $"{Sizes.Number(100.0 * encoding.FileBytes / most, "0.0")} % of {Sizes.Count(most)} bytes");
        else if (budget?.MaxBitsPerWeight is { } bits) Line("budget", $"{Sizes.Number(report.BitsPerWeight, "0.00")} of {Sizes.Number(bits)} bits per weight");
        if (report.Weights.Count > 0) PrintWeights(Line, report);
        if (report.Passes.Any(p => p.Patches > 0)) Line("passes", string.Join(", ", report.Passes.Where(p => p.Patches > 0).Select(p => $"{p.Pass} {Sizes.Count(p.Patches)}")));
        Line("fidelity", Fidelity(report));
        if (report.Allowed == ValueEffects.None && report.Passes.Count > 0) Line("", "an output missed the floor with rules that change roundings: compiled without them");
        foreach (var output in (report.Verification?.Fidelity?.Outputs ?? []).Where(o => !o.IsExact))
            Line("", $"{output.Name}: SNR {Sizes.Number(output.SnrDb, "0.0")} dB, cosine {Sizes.Number(output.Cosine, "0.000000")}, largest error {Sizes.Number(output.RelativeError, "G3")} of the largest magnitude{Agreement(output)}");
        foreach (var (i, damage) in report.Damages.Take(WorstWeights).Index())
            Line(i == 0 ? "worst" : "", $"{damage.Weight}: {Sizes.Number(damage.Damage.SnrDb, "0.0")} dB by itself, {damage.Cause.Name}: {damage.Cause.Sentence}; {damage.Flag}");
        Line("time", string.Join(", ", report.Stages.Select(s => $"{s.Stage} {Sizes.Duration(s.Elapsed)}")));

        void Line(string label, string value) => summary.WriteLine($"  {label,-10}{value}");
    }

    private static void PrintWeights(Action<string, string> line, CompileReport report)
    {
        var quantized = report.Weights.Where(w => w.Scheme is not null).ToArray();
        if (quantized.Length == 0) line("weights", "none quantised");
        foreach (var (i, group) in quantized.GroupBy(w => w.Scheme!).OrderByDescending(g => g.Sum(w => (long)w.Elements)).Index())
            line(i == 0 ? "weights" : "", $"{Sizes.Plural(group.Count(), "weight")} of {Sizes.Count(group.Sum(w => (long)w.Elements))} elements in {group.Key}");
        if (report.Calibration is { Refusal: { } refusal }) line("", $"each weight rounded for itself: generated inputs do not fit, {refusal}; give --data PATH or --dim");
        else if (report.Calibration is { } calibration) line("", $"rounded for {Sizes.Plural(calibration.Sets, "set")} of {(calibration.AreRecorded ? "recorded" : "generated")} inputs{(!calibration.AreRecorded ? "; recorded ones (--data PATH) tell more" : calibration.Sets == 1 ? ", and measured on them" : "")}");
        foreach (var group in report.Weights.Where(w => w.KeptBecause is not null).GroupBy(w => w.KeptBecause!))
            line("", $"kept as {(group.Count() == 1 ? "it was" : "they were")}, because {group.Key}: {string.Join(", ", group.Select(w => w.Name))}");
    }

    // Weights whose damage is printed; --json gives all.
    private const int WorstWeights = 3;

    private static string Agreement(FidelityMetrics output) => (output.Top1Agreement is { } one ? $", top-1 {Sizes.Share(one)}" : "") + (output.Top5Agreement is { } five ? $", top-5 {Sizes.Share(five)}" : "");

    private static string Fidelity(CompileReport report) => report.Verification switch
    {
        null => "not verified (--no-verify)",
        { IsIdentical: true } => "exact: the network is the model's, every weight bit for bit",
        { NotMeasured: { } reason, Passed: false } => $"FAILED: a floor is given and not measured, generated inputs do not fit: {reason}; give --dim, or --data PATH",
        { NotMeasured: { } reason } => $"not measured, random inputs do not fit: {reason}; give --dim, or use 'strata verify --data'",
        { Passed: true, Fidelity.Outputs: var outputs } when outputs.All(o => o.IsExact) => "exact: on random inputs every output is the model's, bit for bit",
        { Passed: true, Fidelity.Floor: var floor } when floor == FidelityFloor.None => $"measured on {Sizes.Plural(report.Verification.Fidelity.Runs, "set")} of inputs; no floor given",
        { Passed: true, Fidelity: var fidelity } => $"passed: {fidelity!.Floor}",
        { Fidelity: var fidelity } => $"FAILED: {fidelity!.Floor}",
    };

    private const string All = "all";

    private static void RequirePasses(IReadOnlyList<string> names)
    {
        var manager = new PassManager([.. Pipelines.Default, .. Pipelines.Optional]);
        foreach (string name in names) manager.Require(name);
    }

    /// <summary>Prints the network after the passes that the user named, or after each that changed it.</summary>
    private sealed class Dump(string[] names, Terminal terminal)
    {
        private string? previous;

        public void After(IPass pass, Network network)
        {
            bool all = names.Contains(All);
            if (!all && !names.Contains(pass.Name)) return;
            string text = network.ToText(OperatorCatalog.Standard);
            terminal.Out.WriteLine($"// after {pass.Name}{(all && text == previous ? ": unchanged" : "")}");
            if (!all || text != previous) terminal.Out.WriteLine(text);
            previous = text;
        }
    }
}

using System.Collections.Immutable;
using System.CommandLine;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler;
using Strata.Compiler.Planning;
using Strata.Passes;

namespace Strata.Cli.Verbs;

/// <summary><c>strata sensitivity</c>: what fewer bits of each weight do to the outputs, and a plan from it.</summary>
internal sealed class SensitivityVerb : Verb
{
    private readonly Argument<string> model = CommonOptions.File("MODEL.onnx", "The ONNX model; - reads standard input.");
    private readonly Option<string?> emit = new("--emit") { Description = "Write the plan that does least damage in the bytes that int4 in groups of 32 takes for every weight, for editing and for 'strata compile --plan'; - is standard output.", HelpName = "PLAN.json" };
    private readonly DataOptions data = new("Recorded inputs to round weights for and to measure on", "generated");
    private readonly Option<bool> noCalibration = new("--no-calibration") { Description = "Round each weight for itself, as 'compile --no-calibration' does." };
    private readonly Option<ImmutableDictionary<string, long>?> dims = CommonOptions.Dims();
    private readonly Option<int?> threads = CommonOptions.Threads();
    private readonly Option<ulong> seed = CommonOptions.Seed();
    private readonly Option<bool> json = CommonOptions.Json("strata.sensitivity/1");
    private readonly Option<string> progress = CommonOptions.Progress();

    public SensitivityVerb(Terminal terminal) : base(terminal, "sensitivity",
        "Measure what fewer bits do to the outputs, for each weight alone and each width: the signal-to-noise ratio that is left, the bytes it takes in a file, and why the worst ones are hurt.",
        "strata sensitivity model.onnx",
        "strata sensitivity model.onnx --emit plan.json",
        "strata sensitivity model.onnx --data recorded/ --json")
    {
        Add(model);
        Add(emit);
        data.AddTo(this);
        Add(noCalibration);
        Add(dims);
        Add(threads);
        Add(seed);
        Add(json);
        Add(progress);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        string path = parsed.GetRequiredValue(model);
        string? target = parsed.GetValue(emit);
        if (target is not null) OutputFile.RequireFolder(target, path);
        if (target == "-" && parsed.GetValue(json)) throw new UsageException("--emit - prints on standard output; leave out --json, or write the plan to a file");
        using var bar = new ProgressDisplay(Terminal, CommonOptions.StyleOf(parsed.GetValue(progress)));
        using var onnx = ModelFile.OpenOnnx(path, Terminal);
        var report = Sensitivity.Measure(onnx, new CompileOptions
        {
            Dims = CommonOptions.DimsOf(parsed.GetValue(dims)),
            Data = parsed.GetValue(data.Path),
            Images = data.ImagesOf(parsed),
            Calibrate = !parsed.GetValue(noCalibration),
            Seed = parsed.GetValue(seed),
            Threads = parsed.GetValue(threads) ?? Environment.ProcessorCount,
        }, new StageProgress(bar), cancel);
        bar.Dispose();
        if (target is not null) OutputFile.Write(target, Terminal, stream => PlanFile.Write(stream, report.Plan, (onnx.Name, onnx.Sha256)));
        if (parsed.GetValue(json)) Terminal.WriteJson(SensitivityDocument.Of(path, report), CliJson.Readable.SensitivityDocument);
        else if (target != "-") Print(path, report);
        return ExitCode.Ok;
    }

    private void Print(string path, SensitivityReport report)
    {
        Terminal.Out.WriteLine($"{path}: {Sizes.Plural(report.Weights.Count, "weight")}, " + (report.Refusal is { } refusal
            ? $"no generated inputs fit, {refusal}: SNR of each weight in dB; give --data PATH or --dim for that of the outputs"
            : $"SNR of the outputs in dB with one weight quantised, over {Sizes.Plural(report.Sets, "set")} of {(report.AreRecorded ? "recorded" : "generated")} inputs"));
        if (report.Weights.Count == 0) return;
        Terminal.Out.WriteLine();
        WeightScheme[] schemes = [.. report.Weights.SelectMany(w => w.Choices).Select(c => c.Scheme).OfType<WeightScheme>().Distinct()];
        var table = new TextTable(["weight", ">elements", .. schemes.Select(s => $">{Short(s)}"), "cause"]);
        foreach (var weight in report.Ranked)
            table.Add([weight.Weight, Sizes.Count(weight.Elements), .. schemes.Select(s => Sizes.Number(weight.Find(s)?.Damage.SnrDb, "0.0")), weight.Cause is { } cause ? $"{cause.Name}: {cause.Sentence}" : "-"]);
        table.Add(["all, in bytes", Sizes.Count(report.Weights.Sum(w => (long)w.Elements)), .. schemes.Select(s => Sizes.Bytes(report.Weights.Sum(w => (w.Find(s) ?? w.Choices[0]).Bytes))), $"{Sizes.Bytes(report.Weights.Sum(w => w.Choices[0].Bytes))} as they are"]);
        Terminal.WriteTable(table);
    }

    private static string Short(WeightScheme scheme) => scheme.Groups.Size > 0 ? $"{scheme.Format.Name}/{scheme.Groups}" : scheme.Format.Name;
}

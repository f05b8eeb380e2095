using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler;

namespace Strata.Cli.Verbs;

/// <summary><c>strata compile</c>: an ONNX model in, an encoded network out, checked.</summary>
internal sealed class CompileVerb : Verb
{
    private readonly Argument<string> model = CommonOptions.File("MODEL.onnx", "The ONNX model; - reads standard input.");
    private readonly Option<string> output = new("--output", "-o") { Description = "The encoded network to write; - is standard output.", HelpName = "MODEL.strata", Required = true };
    private readonly Option<bool> preserve = new("--preserve") { Description = "Also keep the ONNX model itself: decoding gives back the same nodes, names, metadata and byte-equal initializers." };
    private readonly Option<bool> noVerify = new("--no-verify") { Description = "Do not decode the result and compare it with the model." };
    private readonly Option<ImmutableDictionary<string, long>?> dims = CommonOptions.Dims();
    private readonly Option<int?> threads = CommonOptions.Threads();
    private readonly Option<ulong> seed = CommonOptions.Seed();
    private readonly Option<bool> json = CommonOptions.Json("strata.compile/1");
    private readonly Option<string> progress = CommonOptions.Progress();

    public CompileVerb(Terminal terminal) : base(terminal, "compile", "Compile an ONNX model into an encoded network, and check that it decodes to the same network. Exits with 5 when an output misses the fidelity floor.",
        "strata compile model.onnx -o model.strata",
        "strata compile model.onnx -o model.strata --preserve",
        "strata compile model.onnx -o model.strata --dim batch=1 --dim sequence=128",
        "cat model.onnx | strata compile - -o - > model.strata")
    {
        Add(model);
        Add(output);
        Add(preserve);
        Add(noVerify);
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
        var options = new CompileOptions
        {
            Dims = CommonOptions.DimsOf(parsed.GetValue(dims)),
            Preserve = parsed.GetValue(preserve),
            Verify = !parsed.GetValue(noVerify),
            Seed = parsed.GetValue(seed),
            Threads = parsed.GetValue(threads) ?? Environment.ProcessorCount,
        };

        using var bar = new ProgressDisplay(Terminal, CommonOptions.StyleOf(parsed.GetValue(progress)));
        var report = Compile(path, target, options, bar, cancel);
        bar.Dispose();

        // What goes to standard output must stay the encoded network alone.
        var summary = target == "-" ? Terminal.Error : Terminal.Out;
        if (parsed.GetValue(json)) summary.WriteLine(JsonSerializer.Serialize(CompileDocument.Of(path, target, report), CliJson.Readable.CompileDocument));
        else Print(summary, path, target, report);
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

    private static void Print(TextWriter summary, string path, string target, CompileReport report)
    {
        var encoding = report.Encoding;
        summary.WriteLine($"{path} → {target}");
        Line("size", $"{Sizes.Bytes(report.OriginalBytes)} → {Sizes.Bytes(encoding.FileBytes)} ({Sizes.Number(report.OriginalBytes == 0 ? null : 100.0 * encoding.FileBytes / report.OriginalBytes, "0.0")} %): "
            + $"layer data {Sizes.Bytes(encoding.DataBytes)}, headers {Sizes.Bytes(encoding.HeaderBytes)}{(encoding.SourceBytes == 0 ? "" : $", preserved model {Sizes.Bytes(encoding.SourceBytes)}")}");
        Line("network", $"{Sizes.Plural(report.Network.TotalLayerCount, "layer")}, {Sizes.Count(report.WeightCount)} weights, {Sizes.Number(report.BitsPerWeight, "0.00")} bits per weight");
        Line("fidelity", Fidelity(report.Verification));
        foreach (var output in report.Verification?.Fidelity?.Outputs ?? [])
            Line("", $"{output.Name}: SNR {Sizes.Number(output.SnrDb, "0.0")} dB, cosine {Sizes.Number(output.Cosine, "0.000000")}, largest error {Sizes.Number(output.RelativeError, "G3")} of the largest magnitude");
        Line("time", string.Join(", ", report.Stages.Select(s => $"{s.Stage} {Sizes.Duration(s.Elapsed)}")));

        void Line(string label, string value) => summary.WriteLine($"  {label,-10}{value}");
    }

    private static string Fidelity(Verification? verification) => verification switch
    {
        null => "not verified (--no-verify)",
        { IsIdentical: true } => "exact: the decoded network is identical, every weight bit for bit",
        { NotMeasured: { } reason } => $"not measured, random inputs do not fit: {reason}; give --dim, or use 'strata verify --data'",
        { Passed: true } => $"passed: outputs within {Sizes.Number(verification.Fidelity!.Floor)} of their largest magnitude",
        _ => $"FAILED: an output is off by more than {Sizes.Number(verification.Fidelity!.Floor)} of its largest magnitude",
    };

    private sealed class StageProgress(ProgressDisplay bar) : IProgress<CompileProgress>
    {
        public void Report(CompileProgress value) => bar.Report(value.Stage, value.Fraction);
    }
}

using System.CommandLine;
using System.Globalization;
using Strata.Cli.Bench;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler.Frontend.Onnx;

namespace Strata.Cli.Verbs;

/// <summary><c>strata bench codec</c>: what quantised weights take, beside entropy and brotli, and how fast they are coded.</summary>
internal sealed class CodecBenchVerb : Verb
{
    private readonly Argument<string[]> files = new("FILE") { Description = "An .onnx model; those with fewer than 20,000 weights are left out.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> json = CommonOptions.Json("strata.bench-codec/1");
    private readonly Option<string> progress = CommonOptions.Progress();

    public CodecBenchVerb(Terminal terminal) : base(terminal, "codec",
        "Measure the codec of quantised weights: bits per weight beside the entropy of each tensor's symbols and beside brotli (quality 11, window 24, one stream per model, one byte per symbol), and throughput by instruction set on one thread. Weights are tensors of f32 or f16, rank 2 or more, 1,000 elements or more, half of them other than zero, quantised by largest magnitude, a row for each output channel.",
        "strata bench codec model.onnx",
        "strata bench codec models/*.onnx --json")
    {
        files.Validators.Add(CommonOptions.RefuseOptions);
        Add(files);
        Add(json);
        Add(progress);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        using var bar = new ProgressDisplay(Terminal, CommonOptions.StyleOf(parsed.GetValue(progress)));
        var models = new List<(string Name, IReadOnlyList<WeightMatrix> Matrices)>();
        var small = new List<string>();
        foreach (string path in parsed.GetRequiredValue(files))
        {
            cancel.ThrowIfCancellationRequested();
            InputFile.RequireExists(path);
            using var model = OnnxModel.Load(path);
            var matrices = OnnxWeights.Matrices(model);
            string name = NameOf(path);
            if (matrices.Sum(m => (long)m.Values.Length) >= CodecBenchmark.LeastWeights) models.Add((name, matrices));
            else small.Add(name);
        }
        var benchmark = new CodecBenchmark(text => bar.Report(text), cancel);
        var results = models.Count == 0 ? [] : CodecScheme.All.Select(scheme => benchmark.Measure(scheme, models)).ToList();
        bar.Dispose();
        if (parsed.GetValue(json)) Terminal.WriteJson(CodecBenchDocument.Of(results, small), CliJson.Readable.CodecBenchDocument);
        else Print(results, small);
        return ExitCode.Ok;
    }

    // Models are often called model.onnx, in folders that say which.
    internal static string NameOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        return name == "model" && Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) is { Length: > 0 } folder ? folder : name;
    }

    private void Print(List<CodecResult> results, List<string> small)
    {
        foreach (var result in results)
        {
            Terminal.Out.WriteLine($"{result.Scheme.Name}, bits per weight");
            var table = new TextTable("", ">weights", ">entropy", ">brotli", ">Strata", ">to brotli");
            foreach (var model in result.Models.Append(result.Total))
                table.Add(model.Model, Sizes.Count(model.Weights), Bits(model.EntropyBits / model.Weights), Bits(8.0 * model.Brotli / model.Weights), Bits(model.BitsPerWeight), result.Scheme.HasGridScales ? "" : Percent((double)model.Symbols / model.Brotli - 1));
            Terminal.WriteTable(table);
            Terminal.Out.WriteLine();
        }
        if (results.Count > 0)
        {
            var speeds = new TextTable(["million weights per second", ">encode", ">coder alone", .. results[0].Decode.Select(d => $">decode {d.Level}"), .. results[0].Stream.Select(d => $">streams {d.Level}")]);
            foreach (var result in results)
                speeds.Add([result.Scheme.Name, Rate(result.Encode), Rate(result.Coder), .. result.Decode.Select(d => Rate(d.Rate)), .. result.Stream.Select(d => Rate(d.Rate))]);
            Terminal.WriteTable(speeds);
        }
        if (small.Count > 0) Terminal.Note($"fewer than {Sizes.Count(CodecBenchmark.LeastWeights)} weights: {string.Join(", ", small)}");
    }

    private static string Bits(double bits) => bits.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("+0.00;-0.00", CultureInfo.InvariantCulture) + " %";

    private static string Rate(double rate) => (rate / 1e6).ToString("0", CultureInfo.InvariantCulture);
}

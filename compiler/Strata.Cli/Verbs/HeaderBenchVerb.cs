using System.CommandLine;
using System.Globalization;
using Strata.Cli.Bench;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler.Frontend.Onnx;

namespace Strata.Cli.Verbs;

/// <summary><c>strata bench headers</c>: what files take beside the symbols of weights: topology and names, scales, headers, other floats.</summary>
internal sealed class HeaderBenchVerb : Verb
{
    private readonly Argument<string[]> files = new("FILE|FOLDER") { Description = "An .onnx model, or a folder of them; those with fewer than 20,000 weights are left out.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> json = CommonOptions.Json("strata.bench-headers/1");
    private readonly Option<string> progress = CommonOptions.Progress();

    public HeaderBenchVerb(Terminal terminal) : base(terminal, "headers",
        "Measure what files take beside the symbols of weights. Topology and names of the encoded network, no pass run, stand beside brotli (quality 11, window 24) on the .onnx without initializers, elements of tensors in attributes and descriptions. Matrices quantised to 4 bits in groups of 32 are counted in the file that compile writes: codes with tables, scales, and the headers of the layers that restore and use them, in bits per weight.",
        "strata bench headers model.onnx",
        "strata bench headers models/ --json")
    {
        files.Validators.Add(CommonOptions.RefuseOptions);
        Add(files);
        Add(json);
        Add(progress);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        using var bar = new ProgressDisplay(Terminal, CommonOptions.StyleOf(parsed.GetValue(progress)));
        var results = new List<HeaderSizesOf>();
        var small = new List<string>();
        foreach (string path in parsed.GetRequiredValue(files).SelectMany(Models))
        {
            cancel.ThrowIfCancellationRequested();
            InputFile.RequireExists(path);
            using var model = OnnxModel.Load(path);
            string name = CodecBenchVerb.NameOf(path);
            bar.Report(name);
            if (OnnxWeights.Matrices(model).Sum(m => (long)m.Values.Length) >= CodecBenchmark.LeastWeights) results.Add(HeaderBenchmark.Measure(name, model, cancel));
            else small.Add(name);
        }
        bar.Dispose();
        if (parsed.GetValue(json)) Terminal.WriteJson(HeaderBenchDocument.Of(results, small), CliJson.Readable.HeaderBenchDocument);
        else Print(results, small);
        return ExitCode.Ok;
    }

    private static IEnumerable<string> Models(string path)
    {
        if (!Directory.Exists(path)) return [path];
        string[] models = [.. Directory.EnumerateFiles(path, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        return models.Length > 0 ? models : throw new UsageException($"there is no .onnx file below '{path}'");
    }

    private void Print(List<HeaderSizesOf> results, List<string> small)
    {
        if (results.Count > 0)
        {
            HeaderSizesOf[] rows = [.. results, HeaderSizesOf.Sum(results)];
            Terminal.Out.WriteLine("topology and names, bytes");
            var headers = new TextTable("", ">.onnx without weights", ">brotli", ">topology", ">names", ">Strata", ">of brotli");
            foreach (var row in rows) headers.Add(row.Model, Sizes.Count(row.Skeleton), Sizes.Count(row.Brotli), Count(row.Topology), Count(row.Names), Count(row.Topology + row.Names), Sizes.Share(row.ToBrotli));
            Terminal.WriteTable(headers);
            Terminal.Out.WriteLine();
            Terminal.Out.WriteLine($"matrices in {HeaderBenchmark.Scheme}, bits per weight; bytes of the other floats");
            var bits = new TextTable("", ">weights", ">symbols", ">scales", ">layer headers", ">in all", ">other floats", ">of raw", ">file");
            foreach (var row in rows)
                bits.Add(row.Model, Sizes.Count(row.Weights), Bits(row.Symbols, row), Bits(row.Scales, row), Bits(row.Layers, row), Bits(row.Symbols + row.Scales + row.Layers, row), Sizes.Count(row.OtherFloats), row.OtherFloatsRaw == 0 ? "" : Sizes.Share((double)row.OtherFloats / row.OtherFloatsRaw), Sizes.Count(row.File));
            Terminal.WriteTable(bits);
        }
        if (small.Count > 0) Terminal.Note($"fewer than {Sizes.Count(CodecBenchmark.LeastWeights)} weights: {string.Join(", ", small)}");
    }

    private static string Count(double bytes) => Sizes.Count((long)Math.Round(bytes));

    private static string Bits(long bytes, HeaderSizesOf row) => row.Weights == 0 ? "-" : (8.0 * bytes / row.Weights).ToString("0.000", CultureInfo.InvariantCulture);
}

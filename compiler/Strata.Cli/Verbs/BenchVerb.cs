using System.Collections.Immutable;
using System.CommandLine;
using Strata.Cli.Bench;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler;
using Strata.Compiler.Fidelity;
using Strata.Execution;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Cli.Verbs;

/// <summary><c>strata bench</c>: how fast a model loads and runs, side by side with ONNX Runtime.</summary>
internal sealed class BenchVerb : Verb
{
    private readonly Argument<string> file = CommonOptions.File("FILE", "A .strata file, or an .onnx model, which is compiled first; - reads standard input. A folder: every ONNX model below it against itself in ONNX Runtime, as a table in Markdown.");
    private readonly Option<string?> against = new("--against") { Description = "Run this model in ONNX Runtime as well, in turns, and compare the outputs.", HelpName = "MODEL.onnx" };
    private readonly Option<int?> runs = Count("--runs", 1, "Runs to time. Default: two seconds' worth, 5 to 1000.");
    private readonly Option<int?> warmUps = Count("--warmup", 0, "Runs before that. Default: half a second's worth.");
    private readonly Option<int?> threads = CommonOptions.Threads();
    private readonly Option<string[]> inputs = CommonOptions.Inputs();
    private readonly Option<ulong> seed = CommonOptions.Seed();
    private readonly Option<ImmutableDictionary<string, long>?> dims = CommonOptions.Dims();
    private readonly Option<bool> json = CommonOptions.Json("strata.bench/1");
    private readonly Option<string> progress = CommonOptions.Progress();

    public BenchVerb(Terminal terminal) : base(terminal, "bench",
        "Measure load time, first run, latency and memory of a model, side by side with ONNX Runtime where this build has it. Peak memory is what loading and the first run add to the process. Inputs that are not given are random.",
        "strata bench model.strata",
        "strata bench model.strata --against model.onnx --threads 1",
        "strata bench model.onnx --dim batch=8 --runs 50",
        "strata bench model.strata --input x=x.npy --json | jq .engines[0].p50",
        "strata bench models/ > table.md")
    {
        Add(file);
        Add(against);
        Add(runs);
        Add(warmUps);
        Add(threads);
        Add(inputs);
        Add(seed);
        Add(dims);
        Add(json);
        Add(progress);
        Add(new CodecBenchVerb(terminal));
        Add(new HeaderBenchVerb(terminal));
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        using var bar = new ProgressDisplay(Terminal, CommonOptions.StyleOf(parsed.GetValue(progress)));
        string path = parsed.GetRequiredValue(file);
        if (Directory.Exists(path)) return RunFolder(parsed, path, bar, cancel);
        string? peer = parsed.GetValue(against);
        if (peer is not null) InputFile.RequireExists(peer);
        int most = parsed.GetValue(threads) ?? Environment.ProcessorCount;

        int given = 0;
        var (report, network) = Measure(parsed, path, peer, most, isOneOfSeveral: false, Read, bar, cancel);
        bar.Dispose();

        if (parsed.GetValue(json)) Terminal.WriteJson(BenchDocument.Of(report), CliJson.Readable.BenchDocument);
        else Print(report, network, given, parsed.GetValue(seed));
        return ExitCode.Ok;

        Dictionary<string, RuntimeValue> Read(Network network)
        {
            var read = RunInputs.Read(network, parsed.GetValue(inputs)!, Terminal);
            given = read.Count;
            return read;
        }
    }

    private int RunFolder(ParseResult parsed, string folder, ProgressDisplay bar, CancellationToken cancel)
    {
        if (parsed.GetValue(against) is not null || parsed.GetValue(inputs)!.Length > 0 || parsed.GetValue(json)) throw new UsageException("a folder of models takes neither --against nor --input nor --json: each runs against itself, on its recorded inputs if it has any");
        string[] paths = [.. Directory.EnumerateFiles(folder, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        if (paths.Length == 0) throw new UsageException($"there is no .onnx file below '{folder}'");
        List<FolderEntry> entries = [];
        foreach (int most in parsed.GetValue(threads) is { } chosen ? [chosen] : new HashSet<int> { 1, Environment.ProcessorCount })
        {
            foreach (string path in paths)
            {
                string name = Path.ChangeExtension(Path.GetRelativePath(folder, path), null).Replace('\\', '/');
                if (name.EndsWith("/model", StringComparison.Ordinal)) name = name[..^"/model".Length];
                try
                {
                    entries.Add(new(name, most, Measure(parsed, path, path, most, isOneOfSeveral: true, network => Recorded(path, network), bar, cancel).Report, null));
                }
                catch (StrataException error)
                {
                    entries.Add(new(name, most, null, error.Message.ReplaceLineEndings(" ").Replace('|', '/')));
                }
            }
        }
        bar.Dispose();
        BenchTable.Write(entries, $"strata bench {folder}", Terminal.Out);
        return ExitCode.Ok;
    }

    // Inputs that lie beside a model as ONNX's own test data do.
    private static Dictionary<string, RuntimeValue> Recorded(string path, Network network)
    {
        string data = Path.Combine(Path.GetDirectoryName(path)!, "test_data_set_0");
        if (!Directory.Exists(data)) return [];
        var values = SuiteCase.ReadValues(data, "input", [.. network.Inputs.Select(i => i.Type)]);
        return network.Inputs.Zip(values).Where(p => p.Second is not null).ToDictionary(p => p.First.Name, p => p.Second!, StringComparer.Ordinal);
    }

    private (BenchReport Report, Network Network) Measure(ParseResult parsed, string path, string? peer, int most, bool isOneOfSeveral, Func<Network, Dictionary<string, RuntimeValue>> read, ProgressDisplay bar, CancellationToken cancel)
    {
        bar.Report("open");
        var fixedDims = CommonOptions.DimsOf(parsed.GetValue(dims));
        var (name, network, load) = Open(path, fixedDims, isOneOfSeveral, new LoadOptions { Threads = most }, bar, cancel);
        var given = read(network);

        using var benchmark = new Benchmark(bar.Report, cancel);
        var (values, own) = RunInputs.Run(network, given, random: true, parsed.GetValue(seed), fixedDims, RunInputs.Remedy, Terminal,
            values => (values, (StrataSubject)benchmark.Add("Strata", () => new StrataSubject(load(), values))));
        var (other, notCompared) = peer is null ? (null, null) : AddPeer(benchmark, peer, network, values, most);
        var times = benchmark.Run(parsed.GetValue(warmUps), parsed.GetValue(runs));
        var outputs = other is null ? null : Compare(network, other.Outputs(), own.Outputs());
        return (new(name, peer is null ? null : Path.GetFileName(peer), most, [.. network.Inputs.Zip(values).Select(p => (p.First.Name, TypeOf(p.Second)))], own.Operations, times, outputs, notCompared), network);
    }

    // An application loads encoded networks, so that is what is timed.
    private (string Name, Network Network, Func<Model> Load) Open(string path, ImmutableDictionary<string, long> fixedDims, bool isOneOfSeveral, LoadOptions options, ProgressDisplay bar, CancellationToken cancel)
    {
        using var model = ModelFile.Open(path, Terminal, fixedDims, isOneOfSeveral);
        if (model.Encoded is not null) return (model.Name, model.Network, () => model.Content is { } content ? Model.Load(content, options) : Model.Load(path, options));
        bar.Report("compile");
        using var encoded = new MemoryStream();
        var report = Strata.Compiler.Compiler.Compile(model.Onnx!, encoded, new CompileOptions { Dims = isOneOfSeveral ? fixedDims.RemoveRange(fixedDims.Keys.Where(d => !model.Symbols.Contains(d))) : fixedDims, Verify = false }, null, cancel);
        byte[] bytes = encoded.ToArray();
        return ($"{model.Name}, compiled", report.Network, () => Model.Load(bytes, options));
    }

    private (BenchSubject? Peer, string? NotCompared) AddPeer(Benchmark benchmark, string path, Network network, RuntimeValue[] values, int threads)
    {
        string? absence = OnnxRuntimePeer.Absence;
        try
        {
            if (absence is null) return (benchmark.Add("ONNX Runtime", () => OnnxRuntimePeer.Load(path, network, values, threads)), null);
        }
        catch (PeerException refused)
        {
            absence = refused.Message;
        }
        return (null, absence);
    }

    private static FidelityMetrics[] Compare(Network network, IReadOnlyList<RuntimeValue> expected, IReadOnlyList<RuntimeValue> actual) =>
        [.. network.Outputs.Select((output, i) =>
        {
            var accumulator = new FidelityAccumulator(output.Name);
            accumulator.Add(expected[i], actual[i]);
            return accumulator.Result();
        })];

    private void Print(BenchReport report, Network network, int given, ulong seed)
    {
        Terminal.Out.WriteLine($"{report.File}, {Sizes.Plural(network.TotalLayerCount, "layer")}, {Sizes.Plural(report.Threads, "thread")}");
        string origin = given == report.Inputs.Count ? "given" : given == 0 ? $"random, seed {seed}" : $"{given} given, others random, seed {seed}";
        if (report.Inputs.Count > 0) Terminal.Out.WriteLine($"inputs: {string.Join(", ", report.Inputs.Select(i => $"{i.Name} : {i.Type}"))} ({origin})");
        Terminal.Out.WriteLine();
        var table = new TextTable("", ">load", ">first run", ">p50", ">p90", ">best", ">runs", ">peak memory");
        foreach (var times in report.Times)
        {
            table.Add(times.Engine, Sizes.Latency(times.Load), Sizes.Latency(times.FirstRun), Sizes.Latency(times.Median), Sizes.Latency(times.Percentile(90)), Sizes.Latency(times.Runs.Min()),
                Sizes.Count(times.Runs.Count), times.PeakMemory is { } bytes ? Sizes.Bytes(bytes) : "-");
        }
        Terminal.WriteTable(table);
        if (report.NotCompared is { } reason) Terminal.Note(reason);
        if (report.Outputs is not { } outputs) return;
        Terminal.Out.WriteLine();
        Terminal.Out.WriteLine($"median of Strata over median of ONNX Runtime: {Sizes.Number(report.Ratio, "G3")}");
        Terminal.Out.WriteLine();
        Terminal.WriteTable(FidelityTable.Of(outputs));
        FidelityTable.WriteMismatches(outputs, Terminal);
    }

    private static string TypeOf(RuntimeValue value) => value is Tensor tensor ? tensor.ToString() : value.GetType().Name;

    private static Option<int?> Count(string name, int least, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => CommonOptions.Number<int>(result, v => v >= least, $"a whole number from {least} on"),
    };
}

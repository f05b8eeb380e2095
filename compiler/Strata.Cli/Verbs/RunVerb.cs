using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Execution;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Cli.Verbs;

/// <summary><c>strata run</c>: executes a model on given or random inputs.</summary>
internal sealed class RunVerb : Verb
{
    private readonly Argument<string> file = CommonOptions.File("FILE", "An .onnx or .strata file; - reads standard input.");
    private readonly Option<string[]> inputs = CommonOptions.Inputs();
    private readonly Option<bool> random = new("--random") { Description = "Random values for the inputs that are not given." };
    private readonly Option<ulong> seed = CommonOptions.Seed();
    private readonly Option<string[]> outputs = new("--output", "-o")
    {
        Description = "Where results go: NAME=FILE (.npy or .pb, - is standard output), all in one .npz, or a folder; repeatable.",
        HelpName = "DIR|FILE.npz|NAME=FILE",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<int> top = new("--top")
    {
        Description = "Print the N largest elements of each output.",
        HelpName = "N",
        DefaultValueFactory = _ => 5,
        CustomParser = result => CommonOptions.Number<int>(result, v => v >= 0, "a whole number from 0 on"),
    };
    private readonly Option<ImmutableDictionary<string, long>?> dims = CommonOptions.Dims();
    private readonly Option<long?> maxMemory = CommonOptions.MaxMemory();
    private readonly Option<bool> reference = new("--reference") { Description = "Run every layer by its reference evaluation, slowly: for finding out whether a kernel is at fault." };
    private readonly Option<bool> profile = new("--profile") { Description = "Run the model for up to two seconds more, and show which layers take the time, and by which kernels." };
    private readonly Option<bool> json = CommonOptions.Json("strata.run/1");
    private readonly Option<string> progress = CommonOptions.Progress();

    public RunVerb(Terminal terminal) : base(terminal, "run", "Execute a model; print the largest elements of each output and the time it took.",
        "strata run model.strata --input x=x.npy",
        "strata run model.onnx --input inputs.npz --output results/",
        "strata run model.onnx --random --seed 7 --dim batch=4 --top 3",
        "strata run model.strata --input x=x.npy --output y=- > y.npy",
        "strata run model.strata --random --profile")
    {
        Add(file);
        Add(inputs);
        Add(random);
        Add(seed);
        Add(outputs);
        Add(top);
        Add(dims);
        Add(maxMemory);
        Add(reference);
        Add(profile);
        Add(json);
        Add(progress);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        using var bar = new ProgressDisplay(Terminal, CommonOptions.StyleOf(parsed.GetValue(progress)));
        bar.Report("load");
        var opening = Stopwatch.StartNew();
        using var opened = ModelFile.Open(parsed.GetRequiredValue(file), Terminal, CommonOptions.DimsOf(parsed.GetValue(dims)));
        var open = opening.Elapsed;
        var network = opened.Network;
        var given = RunInputs.Read(network, parsed.GetValue(inputs)!, Terminal);
        var targets = OutputTargets.Parse(network, parsed.GetValue(outputs)!);

        using var model = Model.Of(network, new LoadOptions { ReferenceOnly = parsed.GetValue(reference) });
        var bounds = new RunOptions { CancellationToken = cancel, Progress = new LayerProgress(bar, network.Layers.Length), MaxMemory = parsed.GetValue(maxMemory) ?? Limits.DefaultMaxMemory };
        var watch = new Stopwatch();
        using var session = RunInputs.Run(network, given, parsed.GetValue(random), parsed.GetValue(seed), CommonOptions.DimsOf(parsed.GetValue(dims)), RunInputs.Remedy, Terminal, values =>
        {
            bar.Report("run", 0);
            watch.Restart();
            return Execute(model, values, bounds);
        });
        RuntimeValue?[] results = [.. network.Outputs.Select(o => session.GetOutput(o.Name))];
        var elapsed = watch.Elapsed;
        if (parsed.GetValue(profile)) bar.Report("profile");
        var times = parsed.GetValue(profile) ? Profile.Of(session, open, elapsed, bounds with { Progress = null }) : null;
        bar.Dispose();

        var written = targets.Write(network, results, Terminal);
        var report = targets.UseStandardOutput ? Terminal.Error : Terminal.Out;
        if (parsed.GetValue(json)) report.WriteLine(System.Text.Json.JsonSerializer.Serialize(Document(opened.Name, network, results, written, elapsed, parsed.GetValue(top), times), CliJson.Readable.RunDocument));
        else
        {
            Print(report, network, results, written, parsed.GetValue(top));
            if (times is not null) Print(report, times);
            Terminal.Note($"ran {Sizes.Plural(network.Layers.Length, "layer")} in {Sizes.Duration(elapsed)}");
        }
        return ExitCode.Ok;
    }

    /// <summary>A session of the model that has run once.</summary>
    internal static Session Execute(Model model, IReadOnlyList<RuntimeValue> values, RunOptions bounds)
    {
        var session = model.CreateSession();
        try
        {
            for (int i = 0; i < values.Count; i++) session.SetInput(model.Network.Inputs[i].Name, values[i]);
            session.Run(bounds);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private sealed class LayerProgress(ProgressDisplay bar, int layers) : IProgress<Layer>
    {
        public void Report(Layer value) => bar.Report("run", (value.Id + 1.0) / layers);
    }

    private static void Print(TextWriter report, Network network, IReadOnlyList<RuntimeValue?> results, IReadOnlyDictionary<string, string> written, int top)
    {
        for (int i = 0; i < results.Count; i++)
        {
            string name = network.Outputs[i].Name;
            report.WriteLine($"{name} : {ValueText.Describe(results[i])}{(written.TryGetValue(name, out string? path) ? $" → {path}" : "")}");
            if (results[i] is Tensor tensor)
            {
                foreach (var (index, value) in ValueText.Top(tensor, top)) report.WriteLine($"  [{string.Join(", ", ValueText.Coordinates(tensor, index))}] {value}");
            }
        }
    }

    // Slow steps first: what does not show in the sum is not worth a line of its own.
    private void Print(TextWriter report, Profile profile)
    {
        report.WriteLine();
        var table = new TextTable(">id", "name", "operator", "kernel", ">time", ">share");
        foreach (var step in profile.Steps.OrderByDescending(s => s.Time))
        {
            var layer = step.Layers[0];
            string fused = string.Concat(step.Layers.Skip(1).Select(l => $" + {NetworkDescription.NameOf(l.Operator)}"));
            table.Add(Sizes.Count(layer.Id), layer.Name, NetworkDescription.NameOf(layer.Operator) + fused, step.Kernel ?? "reference", Sizes.Latency(step.Time), $"{Sizes.Number(100 * step.Share, "0.0")} %");
        }
        if (report == Terminal.Out) Terminal.WriteTable(table);
        else table.Write(report, width: null, color: false);
        report.WriteLine();
        report.WriteLine($"open {Sizes.Latency(profile.Open)}, first run {Sizes.Latency(profile.FirstRun)}, median of {Sizes.Plural(profile.Runs, "run")} after that {Sizes.Latency(profile.Run)}");
    }

    private static RunDocument Document(string name, Network network, IReadOnlyList<RuntimeValue?> results, IReadOnlyDictionary<string, string> written, TimeSpan elapsed, int top, Profile? profile) => new(
        "strata.run/1", name, elapsed.TotalMilliseconds,
        [.. results.Select((value, i) => new RunDocument.Output(network.Outputs[i].Name, value is Tensor t ? t.ToString() : network.Outputs[i].Value.Type.ToString(),
            written.GetValueOrDefault(network.Outputs[i].Name),
            value is Tensor tensor ? [.. ValueText.Top(tensor, top).Select(p => new RunDocument.TopValue(p.Index, p.Value))] : null))],
        profile is null ? null : new(profile.Open.TotalMilliseconds, profile.FirstRun.TotalMilliseconds, profile.Runs, profile.Run.TotalMilliseconds,
            [.. profile.Steps.Select(s => new RunDocument.TimedStep([.. s.Layers.Select(DiffDocument.LayerName.Of)], s.Kernel, s.Time.TotalMilliseconds, s.Share))]));
}

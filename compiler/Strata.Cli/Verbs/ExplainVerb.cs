using System.Collections.Immutable;
using System.CommandLine;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Execution;
using Strata.Kernels;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Cli.Verbs;

/// <summary><c>strata explain</c>: which kernel each layer gets, and why a layer has none.</summary>
internal sealed class ExplainVerb : Verb
{
    private readonly Argument<string> file = CommonOptions.File("FILE", "An .onnx or .strata file; - reads standard input.");
    private readonly Option<string[]> inputs = CommonOptions.Inputs();
    private readonly Option<ulong> seed = CommonOptions.Seed();
    private readonly Option<ImmutableDictionary<string, long>?> dims = CommonOptions.Dims();
    private readonly Option<bool> json = CommonOptions.Json("strata.explain/1");

    public ExplainVerb(Terminal terminal) : base(terminal, "explain",
        "Show which kernel runs each layer on this machine, what is fused into it, its expected time on one thread, and why a layer runs by its slow reference evaluation. The model is run once, since only a run tells all shapes; inputs that are not given are random.",
        "strata explain model.strata",
        "strata explain model.onnx --dim batch=8",
        "strata explain model.strata --json | jq '.steps[] | select(.reason)'")
    {
        Add(file);
        Add(inputs);
        Add(seed);
        Add(dims);
        Add(json);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        var fixedDims = CommonOptions.DimsOf(parsed.GetValue(dims));
        using var opened = ModelFile.Open(parsed.GetRequiredValue(file), Terminal, fixedDims);
        var network = opened.Network;
        var given = RunInputs.Read(network, parsed.GetValue(inputs)!, Terminal);
        using var model = Model.Of(network);
        var (values, ran) = RunInputs.Run(network, given, random: true, parsed.GetValue(seed), fixedDims, RunInputs.Remedy, Terminal,
            values => (values, RunVerb.Execute(model, values, new RunOptions { CancellationToken = cancel })));
        using var session = ran;
        var document = Document(opened.Name, network, values, session);
        if (parsed.GetValue(json)) Terminal.WriteJson(document, CliJson.Readable.ExplainDocument);
        else Print(document);
        return ExitCode.Ok;
    }

    private static ExplainDocument Document(string name, Network network, RuntimeValue[] values, Session session)
    {
        (Network Network, IReadOnlyList<ExecutionPlan> Plans)[] all = [(network, session.Plans), .. session.BodyPlans];
        ExplainDocument.PlannedStep[] steps = [.. all.SelectMany(n => n.Plans.SelectMany(p => p.Steps).Where(s => !s.Layers.IsEmpty).Select(s => new ExplainDocument.PlannedStep(
            n.Network == network ? null : n.Network.Name, [.. s.Layers.Select(DiffDocument.LayerName.Of)],
            s.KernelName, (s as KernelStep)?.Cost, (s as ReferenceStep)?.Reason)))];
        int layers = all.Sum(n => n.Network.Layers.Length), byKernel = steps.Where(s => s.Kernel is not null).Sum(s => s.Layers.Count), byReference = steps.Where(s => s.Kernel is null).Sum(s => s.Layers.Count);
        int planned = all.Sum(n => n.Plans.Sum(p => p.FoldedLayers));
        return new("strata.explain/1", name, KernelTable.Level.ToString().ToLowerInvariant(),
            [.. network.Inputs.Zip(values).Select(p => new InspectDocument.Port(p.First.Name, p.Second is Tensor tensor ? tensor.ToString() : p.First.Type.ToString()))],
            new(layers, byKernel, byReference, planned, layers - byKernel - byReference - planned), steps);
    }

    private void Print(ExplainDocument document)
    {
        var table = new TextTable(">id", "name", "operator", "kernel", ">cost", "reason");
        string? body = null;
        foreach (var step in document.Steps)
        {
            if (step.Body != body) table.Add("", $"body {body = step.Body}", "", "", "", "");
            for (int i = 0; i < step.Layers.Count; i++)
            {
                var layer = step.Layers[i];
                string kernel = i > 0 ? "(fused)" : step.Kernel ?? "reference";
                table.Add(Sizes.Count(layer.Id), layer.Name, layer.Operator, kernel, i == 0 && step.Cost is { } cost ? Sizes.Latency(TimeSpan.FromMicroseconds(cost / 1000)) : "", step.Reason ?? "");
            }
        }
        Terminal.WriteTable(table);
        Terminal.Out.WriteLine();
        var layers = document.Layers;
        Terminal.Out.WriteLine($"{Sizes.Plural(layers.All, "layer")} for {string.Join(", ", document.Inputs.Select(i => $"{i.Name} : {i.Type}"))}: {Sizes.Count(layers.ByKernel)} by kernels, {Sizes.Count(layers.ByReference)} by reference, {Sizes.Count(layers.Planned)} computed while planning, {Sizes.Count(layers.WithoutWork)} without work (another view of the same memory, or not needed)");
    }
}

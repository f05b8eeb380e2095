using System.Collections.Immutable;
using System.CommandLine;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler.Pipeline;
using Strata.Networks;
using Strata.Passes;

namespace Strata.Cli.Verbs;

/// <summary><c>strata passes</c>: the default passes, in order, and what they do to a model.</summary>
internal sealed class PassesVerb : Verb
{
    private readonly Argument<string?> file = new("FILE") { Description = "An .onnx or .strata file to run the passes on; - reads standard input.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<ImmutableDictionary<string, long>?> dims = CommonOptions.Dims();
    private readonly Option<bool> json = CommonOptions.Json("strata.passes/1");

    public PassesVerb(Terminal terminal) : base(terminal, "passes", "List the default optimisation passes in the order in which they run, with their rules and options; given a model, also what each does to it and how long it takes.",
        "strata passes",
        "strata passes model.onnx",
        "strata passes --json")
    {
        file.Validators.Add(CommonOptions.RefuseOptions);
        Add(file);
        Add(dims);
        Add(json);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        var result = parsed.GetValue(file) is { } path ? Optimize(path, CommonOptions.DimsOf(parsed.GetValue(dims)), cancel) : null;
        var document = PassesDocument.Of(result is null ? [.. Pipelines.Default, .. Pipelines.Optional] : Pipelines.Default, result);
        if (parsed.GetValue(json)) Terminal.WriteJson(document, CliJson.Readable.PassesDocument);
        else if (document is { Runs: { } runs, Result: { } total }) PrintRuns(runs, total);
        else PrintPasses(document.Passes);
        return ExitCode.Ok;
    }

    private PassResult Optimize(string path, ImmutableDictionary<string, long> fixedDims, CancellationToken cancel)
    {
        using var model = ModelFile.Open(path, Terminal, fixedDims);
        return new PassManager(Pipelines.Default).Run(model.Network, new PassContext { Cancellation = cancel });
    }

    private void PrintPasses(IReadOnlyList<PassesDocument.Pass> passes)
    {
        foreach (var pass in passes)
        {
            Terminal.Out.WriteLine($"{pass.Name}: {pass.Summary}");
            if (pass.Rules is null && pass.Effects.Count > 0) Terminal.Out.WriteLine($"  changes {Join(pass.Effects)}");
            foreach (var group in (pass.Rules ?? []).GroupBy(r => Join(r.Effects)))
                Terminal.Out.WriteLine($"  rules{(group.Key.Length == 0 ? "" : $" that change {group.Key}")}: {string.Join(", ", group.Select(r => r.Name))}");
            foreach (var option in pass.Options) Terminal.Out.WriteLine($"  {option.Name} = {option.Value}: {option.Description}");
        }
    }

    private static string Join(IReadOnlyList<string> effects) => string.Join(" and ", effects);

    private void PrintRuns(IReadOnlyList<PassEntry> runs, PassesDocument.Total total)
    {
        var table = new TextTable(["pass", ">layers before", ">after", ">patches", ">time"]);
        foreach (var run in runs) table.Add([run.Name, Sizes.Count(run.LayersBefore), Sizes.Count(run.LayersAfter), Sizes.Count(run.Patches), Sizes.Duration(TimeSpan.FromMilliseconds(run.Milliseconds))]);
        Terminal.WriteTable(table);
        Terminal.Out.WriteLine();
        Terminal.Out.WriteLine($"{Sizes.Count(total.LayersBefore)} → {Sizes.Plural(total.LayersAfter, "layer")}, {Sizes.Count(total.Patches)} patches in {Sizes.Plural(total.Rounds, "round")}, {Sizes.Duration(TimeSpan.FromMilliseconds(total.Milliseconds))}");
        if (total.Rounds > 1) Terminal.Out.WriteLine("Layers before and after a pass are those of the first round, patches and times of all.");
    }
}

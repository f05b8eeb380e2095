using System.CommandLine;
using Strata.Cli.Json;
using Strata.Compiler.Pipeline;

namespace Strata.Cli.Verbs;

/// <summary><c>strata passes</c>: the default passes, in order.</summary>
internal sealed class PassesVerb : Verb
{
    private readonly Option<bool> json = CommonOptions.Json("strata.passes/1");

    public PassesVerb(Terminal terminal) : base(terminal, "passes", "List the default optimisation passes in the order in which they run, with their rules and options. 'verify --suite DIR --route passes' runs recorded cases through them.",
        "strata passes",
        "strata passes --json")
        => Add(json);

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        var document = PassesDocument.Of(Pipelines.Default);
        if (parsed.GetValue(json))
        {
            Terminal.WriteJson(document, CliJson.Readable.PassesDocument);
            return ExitCode.Ok;
        }
        foreach (var pass in document.Passes)
        {
            Terminal.Out.WriteLine($"{pass.Name}: {pass.Summary}");
            Terminal.Out.WriteLine($"  changes: {pass.Effects}");
            if (pass.Rules is { } rules) Terminal.Out.WriteLine($"  rules: {string.Join(", ", rules)}");
            foreach (var option in pass.Options) Terminal.Out.WriteLine($"  {option.Name} = {option.Value}: {option.Description}");
        }
        return ExitCode.Ok;
    }
}

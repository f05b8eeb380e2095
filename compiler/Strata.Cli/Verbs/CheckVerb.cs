using System.CommandLine;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler.Frontend.Onnx;

namespace Strata.Cli.Verbs;

/// <summary><c>strata check</c>: everything unsupported or suspicious in a model, all at once.</summary>
internal sealed class CheckVerb : Verb
{
    private readonly Argument<string> model = CommonOptions.File("MODEL.onnx", "The ONNX model; - reads standard input.");
    private readonly Option<bool> json = CommonOptions.Json("strata.check/1");

    public CheckVerb(Terminal terminal) : base(terminal, "check", "List everything unsupported or suspicious in an ONNX model at once. Exits with 4 if it cannot be compiled and run, with 3 if it is malformed.",
        "strata check model.onnx",
        "strata check model.onnx --json")
    {
        Add(model);
        Add(json);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        using var onnx = ModelFile.OpenOnnx(parsed.GetRequiredValue(model), Terminal);
        var findings = ModelCheck.Run(onnx);
        if (parsed.GetValue(json)) Terminal.WriteJson(CheckDocument.Of(onnx.Name, findings), CliJson.Readable.CheckDocument);
        else Print(onnx.Name, findings);
        return findings.Any(f => f.Kind == FindingKind.Unsupported) ? ExitCode.Unsupported
            : findings.Any(f => f.Kind == FindingKind.Invalid) ? ExitCode.InvalidInput : ExitCode.Ok;
    }

    private void Print(string name, IReadOnlyList<Finding> findings)
    {
        foreach (var group in findings.GroupBy(f => (f.Kind, f.Message, f.Advice, f.Operator, f.Opset)))
        {
            var (kind, message, advice, op, opset) = group.Key;
            string subject = op is null ? "" : opset is null ? $"{op}: " : $"{op} (operator set {opset}): ";
            Terminal.Out.WriteLine($"{Label(kind)}: {subject}{message}");
            Terminal.Out.WriteLine($"  at {string.Join(", ", group.Select(f => f.Where))}");
            Terminal.Out.WriteLine($"  {advice}");
        }
        int Count(FindingKind kind) => findings.Count(f => f.Kind == kind);
        Terminal.Out.WriteLine(findings.Count == 0
            ? $"{name}: nothing unsupported, nothing suspicious"
            : $"{name}: {Count(FindingKind.Unsupported)} unsupported, {Count(FindingKind.Invalid)} invalid, {Count(FindingKind.Suspicious)} suspicious, {Sizes.Plural(Count(FindingKind.Note), "note")}");
    }

    private static string Label(FindingKind kind) => kind.ToString().ToLowerInvariant();
}

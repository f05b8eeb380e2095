using Strata.Compiler.Frontend.Onnx;

namespace Strata.Cli.Json;

/// <summary><c>strata check --json</c>.</summary>
internal sealed record CheckDocument(string Schema, string File, bool Supported, IReadOnlyList<CheckDocument.Entry> Findings)
{
    internal sealed record Entry(string Kind, string Where, string? Operator, int? Opset, string Message, string Advice);

    public static CheckDocument Of(string file, IReadOnlyList<Finding> findings) => new("strata.check/1", file,
        findings.All(f => f.Kind is not (FindingKind.Unsupported or FindingKind.Invalid)),
        [.. findings.Select(f => new Entry(f.Kind.ToString().ToLowerInvariant(), f.Where, f.Operator, f.Opset, f.Message, f.Advice))]);
}

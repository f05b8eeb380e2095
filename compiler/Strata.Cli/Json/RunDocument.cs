namespace Strata.Cli.Json;

/// <summary><c>strata run --json</c>.</summary>
internal sealed record RunDocument(string Schema, string File, double Milliseconds, IReadOnlyList<RunDocument.Output> Outputs)
{
    /// <summary>One output; <c>file</c> is where it was written, <c>top</c> its largest elements.</summary>
    internal sealed record Output(string Name, string Type, string? File, IReadOnlyList<TopValue>? Top);

    internal sealed record TopValue(int Index, string Value);
}

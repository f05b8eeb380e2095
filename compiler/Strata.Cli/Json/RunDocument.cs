namespace Strata.Cli.Json;

/// <summary><c>strata run --json</c>; <c>profile</c> with <c>--profile</c>. Times are in milliseconds.</summary>
internal sealed record RunDocument(string Schema, string File, double Milliseconds, IReadOnlyList<RunDocument.Output> Outputs, RunDocument.TimeProfile? Profile)
{
    /// <summary>One output; <c>file</c> is where it was written, <c>top</c> its largest elements.</summary>
    internal sealed record Output(string Name, string Type, string? File, IReadOnlyList<TopValue>? Top);

    internal sealed record TopValue(int Index, string Value);

    /// <summary>Where the time goes: <c>run</c> is the median of <c>runs</c> after the first.</summary>
    internal sealed record TimeProfile(double Open, double FirstRun, int Runs, double Run, IReadOnlyList<TimedStep> Steps);

    /// <summary>A step's median time and its share of all steps'; <c>kernel</c> is absent where a layer runs by reference.</summary>
    internal sealed record TimedStep(IReadOnlyList<DiffDocument.LayerName> Layers, string? Kernel, double Time, double Share);
}

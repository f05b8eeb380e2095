namespace Strata.Cli.Json;

/// <summary>
/// <c>strata explain --json</c>. A step runs one kernel, fused layers included, or one layer by reference (<c>kernel</c> is absent, <c>reason</c> says why);
/// <c>cost</c> is the kernel's expected time on one thread in nanoseconds. <c>body</c> names the nested network that a step belongs to; a layer that runs bodies has the kernel <c>bodies</c>.
/// <c>planned</c> counts layers computed while planning.
/// </summary>
internal sealed record ExplainDocument(string Schema, string File, string Vectors, IReadOnlyList<InspectDocument.Port> Inputs, ExplainDocument.LayerCounts Layers, IReadOnlyList<ExplainDocument.PlannedStep> Steps)
{
    internal sealed record LayerCounts(int All, int ByKernel, int ByReference, int Planned, int WithoutWork);

    internal sealed record PlannedStep(string? Body, IReadOnlyList<DiffDocument.LayerName> Layers, string? Kernel, double? Cost, string? Reason);
}

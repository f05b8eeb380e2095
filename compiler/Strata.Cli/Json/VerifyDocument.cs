using Strata.Compiler.Fidelity;
using Strata.Compiler.Planning;

namespace Strata.Cli.Json;

/// <summary><c>strata verify --json</c>. An infinite signal-to-noise ratio is left out and <c>exact</c> is true; <c>route</c> is that of the file.</summary>
internal sealed record VerifyDocument(string Schema, string File, string Against, string Route, int Runs, FloorEntry Floor, bool Passed,
    IReadOnlyList<MetricsEntry> Outputs, IReadOnlyList<VerifyDocument.LayerEntry>? Layers, IReadOnlyList<DamageEntry>? Damages, VerifyDocument.TaskEntry? Task)
{
    internal sealed record LayerEntry(int Id, string Name, string Operator, MetricsEntry Metrics);

    internal sealed record TaskEntry(int Rows, double Top1, double? Top5, double ReferenceTop1, double? ReferenceTop5);

    public static VerifyDocument Of(string file, string against, string route, FidelityReport report, IReadOnlyList<WeightDamage> damages, (TaskScore Reference, TaskScore File)? scores) => new("strata.verify/1", file, against, route, report.Runs, FloorEntry.Of(report.Floor), report.Passed,
        [.. report.Outputs.Select(MetricsEntry.Of)],
        report.Layers.Count == 0 ? null : [.. report.Layers.Select(l => new LayerEntry(l.LayerId, l.LayerName, l.Operator, MetricsEntry.Of(l.Metrics)))],
        damages.Count == 0 ? null : [.. damages.Select(DamageEntry.Of)],
        scores is var (reference, own) ? new(own.Rows, own.Top1, own.Top5, reference.Top1, reference.Top5) : null);
}

/// <summary>What every output must reach; what is not asked for is left out.</summary>
internal sealed record FloorEntry(double? RelativeError, double? SnrDb, double? Top1Agreement)
{
    public static FloorEntry Of(FidelityFloor floor) => new(floor.MaxRelativeError, floor.MinSnrDb, floor.MinAgreement);
}

/// <summary>How well one value is reproduced; what does not apply or is infinite is left out.</summary>
internal sealed record MetricsEntry(string Name, long Elements, bool Exact, double? SnrDb, double? Cosine, double? MaxError, double? RelativeError, double? Top1Agreement, double? Top5Agreement, string? Mismatch)
{
    public static MetricsEntry Of(FidelityMetrics m) =>
        new(m.Name, m.Elements, m.IsExact, Finite(m.SnrDb), Finite(m.Cosine), Finite(m.MaxError), Finite(m.RelativeError), m.Top1Agreement, m.Top5Agreement, m.Mismatch);

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}

using Strata.Cli.Bench;
using Strata.Compiler.Fidelity;

namespace Strata.Cli.Json;

/// <summary><c>strata bench --json</c>. Times are in milliseconds; <c>operations</c> counts a run's floating-point operations; <c>ratio</c> is the first engine's median over the second's.</summary>
internal sealed record BenchDocument(string Schema, string File, string? Against, int Threads, IReadOnlyList<InspectDocument.Port> Inputs,
    double Operations, IReadOnlyList<BenchDocument.Engine> Engines, double? Ratio, IReadOnlyList<MetricsEntry>? Outputs, string? NotCompared)
{
    internal sealed record Engine(string Name, double Load, double FirstRun, double P50, double P90, double Best, long? PeakMemory, IReadOnlyList<double> Runs)
    {
        public static Engine Of(BenchTimes times) => new(times.Engine, times.Load.TotalMilliseconds, times.FirstRun.TotalMilliseconds,
            times.Median.TotalMilliseconds, times.Percentile(90).TotalMilliseconds, times.Runs.Min().TotalMilliseconds, times.PeakMemory, [.. times.Runs.Select(r => r.TotalMilliseconds)]);
    }

    public static BenchDocument Of(BenchReport report) => new("strata.bench/1", report.File, report.Against, report.Threads, [.. report.Inputs.Select(i => new InspectDocument.Port(i.Name, i.Type))],
        report.Operations, [.. report.Times.Select(Engine.Of)], report.Ratio, report.Outputs?.Select(MetricsEntry.Of).ToArray(), report.NotCompared);
}

/// <summary>What <c>strata bench</c> measured.</summary>
internal sealed record BenchReport(string File, string? Against, int Threads, IReadOnlyList<(string Name, string Type)> Inputs, double Operations, IReadOnlyList<BenchTimes> Times, IReadOnlyList<FidelityMetrics>? Outputs, string? NotCompared)
{
    /// <summary>The first engine's median latency over the second's.</summary>
    public double? Ratio => Times is [var first, var second] ? first.Median / second.Median : null;

    /// <summary>The first engine's time to load and run once over the second's.</summary>
    public double? StartRatio => Times is [var first, var second] ? (first.Load + first.FirstRun) / (second.Load + second.FirstRun) : null;
}

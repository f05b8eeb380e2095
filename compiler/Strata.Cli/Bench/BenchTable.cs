using Strata.Cli.Json;
using Strata.Cli.Models;

namespace Strata.Cli.Bench;

/// <summary>A model of a folder that was measured with a number of threads, or why it was not.</summary>
internal sealed record FolderEntry(string Model, int Threads, BenchReport? Report, string? NotMeasured);

/// <summary>The table of a folder of models, as Markdown, and means over groups of like work.</summary>
internal static class BenchTable
{
    private const double Large = 500e6, Small = 20e6;

    private static readonly (string Name, Func<double, bool> Holds)[] Groups =
    [
        ("above 500 MFLOP", w => w > Large),
        ("20 to 500 MFLOP", w => w is >= Small and <= Large),
        ("below 20 MFLOP", w => w < Small),
    ];

    /// <summary>Writes the document.</summary>
    public static void Write(IReadOnlyList<FolderEntry> entries, string command, TextWriter output)
    {
        output.WriteLine($"# Models on {Processor()}");
        output.WriteLine();
        output.WriteLine($"Written by `{command}` on {Sizes.Plural(Environment.ProcessorCount, "logical processor")}. Engines run in turns in one process, each model after those above it; p50 is a median, a");
        output.WriteLine("ratio Strata's time over ONNX Runtime's. Work counts products, convolutions and recurrences (two operations a multiply-add) and an");
        output.WriteLine("operation for each element of other results. Start is load and first run. Error is the largest, of the largest magnitude of its output.");
        output.WriteLine();
        output.WriteLine("| model | threads | MFLOP | load | first run | p50 | GFLOP/s | peer: load | first run | p50 | ratio | ratio of start | error |");
        output.WriteLine("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var entry in entries) output.WriteLine(Row(entry));
        output.WriteLine();
        output.WriteLine("Geometric means of the ratios:");
        output.WriteLine();
        output.WriteLine("| work | threads | models | ratio | ratio of start | largest ratio |");
        output.WriteLine("|---|--:|--:|--:|--:|--:|");
        foreach (int threads in entries.Select(e => e.Threads).Distinct().Order())
        {
            foreach (var (name, holds) in Groups)
            {
                BenchReport[] group = [.. entries.Where(e => e.Threads == threads).Select(e => e.Report).OfType<BenchReport>().Where(r => r.Ratio is not null && holds(r.Operations))];
                if (group.Length > 0) output.WriteLine($"| {name} | {threads} | {group.Length} | {Mean(group, r => r.Ratio!.Value)} | {Mean(group, r => r.StartRatio!.Value)} | {Ratio(group.Max(r => r.Ratio))} |");
            }
        }
    }

    private static string Row(FolderEntry entry)
    {
        if (entry.Report is not { } report) return $"| {entry.Model} | {entry.Threads} | not measured: {entry.NotMeasured} | | | | | | | | | | |";
        var own = report.Times[0];
        string peer = report.Times is [_, var other] ? $"{Sizes.Latency(other.Load)} | {Sizes.Latency(other.FirstRun)} | {Sizes.Latency(other.Median)}" : $"{report.NotCompared} | |";
        double? error = report.Outputs is { Count: > 0 } outputs ? outputs.Max(o => o.RelativeError) : null;
        return $"| {entry.Model} | {entry.Threads} | {Sizes.Number(report.Operations / 1e6, "0.##")} | {Sizes.Latency(own.Load)} | {Sizes.Latency(own.FirstRun)} | {Sizes.Latency(own.Median)} | {Sizes.Number(report.Operations / own.Median.TotalSeconds / 1e9, "0.0")} | {peer} | {Ratio(report.Ratio)} | {Ratio(report.StartRatio)} | {Sizes.Number(error, "0.0E0")} |";
    }

    private static string Mean(BenchReport[] group, Func<BenchReport, double> ratio) => Ratio(Math.Exp(group.Average(r => Math.Log(ratio(r)))));

    private static string Ratio(double? ratio) => Sizes.Number(ratio, "0.00");

    private static string Processor()
    {
        const string cpus = "/proc/cpuinfo", key = "model name";
        string? line = File.Exists(cpus) ? File.ReadLines(cpus).FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':') + 1)..].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "an unnamed processor";
    }
}

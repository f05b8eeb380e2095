using System.Reflection;
using Strata.Cli.Models;
using Strata.Compiler;
using Strata.Compiler.Planning;

namespace Strata.Cli.Json;

/// <summary>The card beside an encoded network with quantised weights (<c>strata.card/1</c>): from what it was made, how, and what it lost.</summary>
internal sealed record CardDocument(string Schema, string Tool, CardDocument.SourceEntry Source, CardDocument.FileEntry File, CardDocument.DataEntry Data, FloorEntry? Floor, bool? Passed,
    IReadOnlyList<MetricsEntry>? Outputs, IReadOnlyList<CardDocument.CardWeight> Weights, IReadOnlyList<DamageEntry> Damages)
{
    internal sealed record SourceEntry(string Name, string Sha256, long Bytes);

    internal sealed record FileEntry(string Name, long Bytes, double? BitsPerWeight, long Weights);

    internal sealed record DataEntry(string Kind, int CalibrationSets, int MeasuredSets, ulong Seed, string? NotRun);

    internal sealed record CardWeight(string Weight, string Layer, int Elements, string Format, string? Group, string? Scales, double? BitsPerWeight, double? SnrDb, string? Why);

    public static CardDocument Of(string input, string output, CompileOptions options, CompileReport report) => new("strata.card/1", $"strata {Version}",
        new(Path.GetFileName(input), report.ModelSha256, report.OriginalBytes),
        new(Path.GetFileName(output), report.Encoding.FileBytes, report.BitsPerWeight, report.WeightCount),
        new(options.Data is null ? "generated" : "recorded", report.Calibration?.Sets ?? 0, report.Verification?.Fidelity?.Runs ?? 0, options.Seed, report.Calibration?.Refusal ?? report.Verification?.NotMeasured),
        report.Verification?.Fidelity is { } f ? FloorEntry.Of(f.Floor) : null, report.Verification?.Passed, report.Verification?.Fidelity?.Outputs.Select(MetricsEntry.Of).ToArray(),
        [.. report.Weights.Select(w => new CardWeight(w.Name, w.Layer, w.Elements, w.Scheme?.Format.Name ?? PlanFile.Keep, w.Scheme is { Format.IsScaled: true } s ? s.Groups.ToString() : null, w.Scheme is { Format.IsScaled: true } c ? c.SearchName : null,
            report.StoredBytes.TryGetValue(w.Name, out long bytes) ? 8.0 * bytes / w.Elements : null, w.SnrDb is { } snr && double.IsFinite(snr) ? snr : null, w.KeptBecause))],
        [.. report.Damages.Select(DamageEntry.Of)]);

    private static string Version => typeof(CardDocument).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}

using Strata.Compiler;
using Strata.Compiler.Planning;
using Strata.Passes;

namespace Strata.Cli.Json;

/// <summary><c>strata compile --json</c>.</summary>
internal sealed record CompileDocument(string Schema, string Input, string Output, CompileDocument.Sizes Bytes, int ImportedLayers, int Layers, long Weights, double? BitsPerWeight,
    IReadOnlyList<PassEntry> Passes, IReadOnlyList<string> Effects, CompileDocument.VerificationEntry? Verification, IReadOnlyList<CompileDocument.WeightEntry>? Quantized, IReadOnlyList<DamageEntry>? Damages, CalibrationReport? Calibration, IReadOnlyList<CompileDocument.Stage> Stages)
{
    internal sealed record Sizes(long Original, long Encoded, long Headers, long Data, long Source);

    internal sealed record VerificationEntry(bool Passed, bool Identical, FloorEntry? Floor, IReadOnlyList<MetricsEntry>? Outputs, string? NotMeasured);

    internal sealed record WeightEntry(string Name, string Layer, int Elements, string? Format, string? Group, double? SnrDb, string? KeptBecause);

    internal sealed record Stage(string Name, double Milliseconds);

    public static CompileDocument Of(string input, string output, CompileReport report) => new("strata.compile/1", input, output,
        new(report.OriginalBytes, report.Encoding.FileBytes, report.Encoding.HeaderBytes, report.Encoding.DataBytes, report.Encoding.SourceBytes),
        report.ImportedLayers, report.Network.TotalLayerCount, report.WeightCount, report.BitsPerWeight,
        [.. report.Passes.Select(PassEntry.Of)], PassesDocument.NamesOf(report.Allowed),
        report.Verification is { } v ? new(v.Passed, v.IsIdentical, v.Fidelity is { } f ? FloorEntry.Of(f.Floor) : null, v.Fidelity?.Outputs.Select(MetricsEntry.Of).ToArray(), v.NotMeasured) : null,
        report.Weights.Count == 0 ? null : [.. report.Weights.Select(w => new WeightEntry(w.Name, w.Layer, w.Elements, w.Scheme?.Format.Name, w.Scheme?.Groups.ToString(), w.SnrDb is { } snr && double.IsFinite(snr) ? snr : null, w.KeptBecause))],
        report.Damages.Count == 0 ? null : [.. report.Damages.Select(DamageEntry.Of)],
        report.Calibration,
        [.. report.Stages.Select(s => new Stage(s.Stage, s.Elapsed.TotalMilliseconds))]);
}

/// <summary>What a quantised weight alone does to the outputs, why, and the option that leaves it as it was; <c>snrDb</c> is left out where the outputs are exact.</summary>
internal sealed record DamageEntry(string Weight, string Layer, double? SnrDb, double RelativeError, CauseEntry Cause, string Flag)
{
    public static DamageEntry Of(WeightDamage damage) =>
        new(damage.Weight, damage.Layer, double.IsFinite(damage.Damage.SnrDb) ? damage.Damage.SnrDb : null, damage.Damage.RelativeError, CauseEntry.Of(damage.Cause)!, damage.Flag);
}

/// <summary>What a pass did: layers before and after it in the first round, patches and time in all rounds.</summary>
internal sealed record PassEntry(string Name, int LayersBefore, int LayersAfter, long Patches, double Milliseconds)
{
    public static PassEntry Of(PassReport report) => new(report.Pass, report.LayersBefore, report.LayersAfter, report.Patches, report.Elapsed.TotalMilliseconds);
}

/// <summary><c>strata decode --json</c>.</summary>
internal sealed record DecodeDocument(string Schema, string Input, string Output, string Content, long Bytes);

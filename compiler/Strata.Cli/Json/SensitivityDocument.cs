using Strata.Compiler.Planning;

namespace Strata.Cli.Json;

/// <summary><c>strata sensitivity --json</c>. Weights whose int4 form does most damage come first; <c>snrDb</c> is left out where the outputs are exact.</summary>
internal sealed record SensitivityDocument(string Schema, string Input, int Sets, bool Recorded, string? NotRun, IReadOnlyList<SensitivityDocument.SensitivityEntry> Weights)
{
    internal sealed record SensitivityEntry(string Weight, string Layer, int Elements, CauseEntry? Cause, IReadOnlyList<ChoiceEntry> Choices);

    internal sealed record ChoiceEntry(string Format, string? Group, long Bytes, double BitsPerWeight, double? SnrDb, double RelativeError);

    public static SensitivityDocument Of(string input, SensitivityReport report) => new("strata.sensitivity/1", input, report.Sets, report.AreRecorded, report.Refusal,
        [.. report.Ranked.Select(w => new SensitivityEntry(w.Weight, w.Layer, w.Elements, CauseEntry.Of(w.Cause), [.. w.Choices.Select(c => new ChoiceEntry(c.Scheme?.Format.Name ?? PlanFile.Keep,
            c.Scheme is { Format.IsScaled: true } scheme ? scheme.Groups.ToString() : null, c.Bytes, 8.0 * c.Bytes / w.Elements, double.IsFinite(c.Damage.SnrDb) ? c.Damage.SnrDb : null, c.Damage.RelativeError))]))]);
}

/// <summary>Why few bits hurt a weight: <c>outlier channel</c>, <c>range</c>, <c>saturated tail</c>, <c>tiny layer</c> or <c>sensitive</c>, and a sentence.</summary>
internal sealed record CauseEntry(string Kind, string Sentence)
{
    public static CauseEntry? Of(WeightCause? cause) => cause is null ? null : new(cause.Name, cause.Sentence);
}

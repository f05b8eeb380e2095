using Strata.Bitstream;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Planning;
using Strata.Networks;
using Strata.Passes;

namespace Strata.Compiler;

/// <summary>How long a stage took.</summary>
public sealed record StageTime(string Stage, TimeSpan Elapsed);

/// <summary>What verification found. The encoded network decodes to the compiled one bit for bit, or there is no report.</summary>
/// <param name="IsIdentical">No pass changed the imported network: it computes the same.</param>
/// <param name="Fidelity">What was measured by running both on random inputs where a pass changed something; null where nothing had to be, or could be, run.</param>
/// <param name="NotMeasured">Why networks that are not identical could not be run on random inputs, or null.</param>
public sealed record Verification(bool IsIdentical, FidelityReport? Fidelity, string? NotMeasured)
{
    internal static Verification Identical { get; } = new(IsIdentical: true, null, null);

    /// <summary>A floor was given, and could not be measured.</summary>
    public bool IsFloorOpen { get; init; }

    /// <summary>True when every output keeps within the floor, as far as that could be measured; a floor that a user gave must be.</summary>
    public bool Passed => Fidelity?.Passed ?? !IsFloorOpen;
}

/// <summary>The inputs that weights were rounded for.</summary>
/// <param name="Sets">How many sets.</param>
/// <param name="AreRecorded">They were given; otherwise they were generated.</param>
/// <param name="Refusal">Why the network takes no generated inputs, so that each weight was rounded for itself; or null.</param>
public sealed record CalibrationReport(int Sets, bool AreRecorded, string? Refusal);

/// <summary>What a compile came to.</summary>
/// <param name="Network">The compiled network.</param>
/// <param name="ImportedLayers">Layers of the imported network, bodies included.</param>
/// <param name="ModelSha256">SHA-256 of the model's file; empty where weights were not quantised.</param>
/// <param name="OriginalBytes">Length of the model, external data included.</param>
/// <param name="Encoding">Lengths of the encoded network and its parts.</param>
/// <param name="WeightCount">Elements of all distinct constants, before they were quantised.</param>
/// <param name="WeightBytes">Bytes of their encoded form, scales included.</param>
/// <param name="Passes">What each pass did, in order.</param>
/// <param name="Allowed">What passes were allowed to change about values: nothing where the floor was missed with more.</param>
/// <param name="Verification">What verification found; null without it.</param>
/// <param name="Weights">What became of each weight of a compile that quantises them, in order of use; empty otherwise.</param>
/// <param name="StoredBytes">Bytes that each of them takes in the file, by name.</param>
/// <param name="Damages">What each quantised weight alone does to the outputs, worst first; empty where that was not measured.</param>
/// <param name="Calibration">On what weights were rounded; null where each was rounded for itself because that was asked for, or where none was.</param>
/// <param name="Stages">Time per stage, in order.</param>
public sealed record CompileReport(Network Network, int ImportedLayers, string ModelSha256, long OriginalBytes, EncodeReport Encoding, long WeightCount, long WeightBytes,
    IReadOnlyList<PassReport> Passes, ValueEffects Allowed, Verification? Verification, IReadOnlyList<WeightReport> Weights, IReadOnlyDictionary<string, long> StoredBytes, IReadOnlyList<WeightDamage> Damages, CalibrationReport? Calibration, IReadOnlyList<StageTime> Stages)
{
    /// <summary>Encoded bits per constant element, or null when there is none.</summary>
    public double? BitsPerWeight => WeightCount == 0 ? null : 8.0 * WeightBytes / WeightCount;

    /// <summary>The plan that was carried out: a row for every weight that was looked at.</summary>
    public IEnumerable<(WeightPlanRow Row, PlanFacts? Facts)> Plan =>
        Weights.Select(w => (new WeightPlanRow(w.Name, w.Layer, w.Scheme), (PlanFacts?)new PlanFacts(w.Elements, StoredBytes.TryGetValue(w.Name, out long bytes) ? bytes : null, w.SnrDb, w.KeptBecause)));
}

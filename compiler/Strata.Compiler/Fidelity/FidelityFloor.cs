using System.Collections.Immutable;
using System.Globalization;

namespace Strata.Compiler.Fidelity;

/// <summary>What every output must reach; what is null is not asked for.</summary>
/// <param name="MaxRelativeError">The largest error relative to the output's largest magnitude.</param>
/// <param name="MinSnrDb">The least signal-to-noise ratio in dB.</param>
/// <param name="MinAgreement">The least share of rows whose largest element is the same, 0 to 1; outputs without rows have none.</param>
public sealed record FidelityFloor(double? MaxRelativeError = null, double? MinSnrDb = null, double? MinAgreement = null)
{
    /// <summary>The floor of a compile that changes no weight: 1e-4 of each output's largest magnitude.</summary>
    public static FidelityFloor WeightLossless { get; } = new(MaxRelativeError: 1e-4);

    /// <summary>Nothing is asked for, but that outputs can be compared.</summary>
    public static FidelityFloor None { get; } = new();

    /// <summary>True when the output can be compared and keeps to all that is asked for.</summary>
    public bool Holds(FidelityMetrics output) => output.Mismatch is null
        && (MaxRelativeError is null || output.Within(MaxRelativeError.Value))
        && (MinSnrDb is null || output.SnrDb is null || output.SnrDb >= MinSnrDb)
        && (MinAgreement is null || output.Top1Agreement is null || output.Top1Agreement >= MinAgreement);

    /// <summary>A network's metadata with the floor written to it.</summary>
    public ImmutableSortedDictionary<string, string> WriteTo(ImmutableSortedDictionary<string, string> metadata)
    {
        foreach (var (key, value) in new[] { (ErrorKey, MaxRelativeError), (SnrKey, MinSnrDb), (AgreementKey, MinAgreement) })
            metadata = value is { } number ? metadata.SetItem(key, number.ToString("R", CultureInfo.InvariantCulture)) : metadata.Remove(key);
        return metadata;
    }

    /// <summary>The floor that a network's metadata holds, or null.</summary>
    public static FidelityFloor? ReadFrom(IReadOnlyDictionary<string, string> metadata)
    {
        var floor = new FidelityFloor(Read(ErrorKey), Read(SnrKey), Read(AgreementKey));
        return floor == None ? null : floor;

        double? Read(string key) => metadata.TryGetValue(key, out string? text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
    }

    private const string ErrorKey = "strata.floor.relative_error", SnrKey = "strata.floor.snr_db", AgreementKey = "strata.floor.top1_agreement";

    /// <summary>What is asked for, in words; empty for nothing.</summary>
    public override string ToString() => string.Join(", ", new[]
    {
        MaxRelativeError is { } error ? string.Create(CultureInfo.InvariantCulture, $"errors within {error:G4} of the largest magnitude") : null,
        MinSnrDb is { } snr ? string.Create(CultureInfo.InvariantCulture, $"SNR at least {snr:G4} dB") : null,
        MinAgreement is { } share ? string.Create(CultureInfo.InvariantCulture, $"top-1 agreement at least {100 * share:G4} %") : null,
    }.Where(part => part is not null));
}

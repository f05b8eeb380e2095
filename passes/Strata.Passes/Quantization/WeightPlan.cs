using System.Collections.Immutable;

namespace Strata.Passes;

/// <summary>How one weight, or the weights of one layer, are stored.</summary>
/// <param name="Weight">The weight's name; null for a row about a layer.</param>
/// <param name="Layer">The layer's name; beside a weight's it only tells people where the weight is used.</param>
/// <param name="Scheme">How it is stored; null where it stays as it is.</param>
public sealed record WeightPlanRow(string? Weight, string? Layer, WeightScheme? Scheme);

/// <summary>How each weight of a network is stored: by a row with its name, else by one with its layer's name, else as all others.</summary>
public sealed class WeightPlan
{
    private readonly Dictionary<string, WeightPlanRow> weights = new(StringComparer.Ordinal), layers = new(StringComparer.Ordinal);

    /// <summary>A plan of rows; no two may name the same weight, nor the same layer without a weight.</summary>
    /// <exception cref="InvalidOptionException">Two do, or one names nothing.</exception>
    public WeightPlan(IEnumerable<WeightPlanRow> rows, WeightScheme? others = null)
    {
        (Rows, Others) = ([.. rows], others);
        foreach (var row in Rows)
        {
            if ((row.Weight ?? row.Layer) is not { Length: > 0 } name) throw new InvalidOptionException("a row of the plan names neither a weight nor a layer");
            if (!(row.Weight is null ? layers : weights).TryAdd(name, row)) throw new InvalidOptionException($"two rows of the plan name the {(row.Weight is null ? "layer" : "weight")} '{name}'; leave one");
        }
    }

    /// <summary>The rows.</summary>
    public ImmutableArray<WeightPlanRow> Rows { get; }

    /// <summary>How weights without a row are stored; null where they stay as they are.</summary>
    public WeightScheme? Others { get; }

    /// <summary>The row for a weight, or null.</summary>
    public WeightPlanRow? RowOf(string weight, string layer) => weights.GetValueOrDefault(weight) ?? layers.GetValueOrDefault(layer);

    /// <summary>True when some weight becomes integer codes, whose rounding calibration inputs improve.</summary>
    public bool HasIntegers => Rows.Select(r => r.Scheme).Append(Others).Any(s => s is { Format.IsInteger: true });
}

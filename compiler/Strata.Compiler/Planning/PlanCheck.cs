using System.Collections.Immutable;
using Strata.Networks;
using Strata.Passes;

namespace Strata.Compiler.Planning;

/// <summary>Holds a plan, and weights to keep, against the weights that a network has.</summary>
internal static class PlanCheck
{
    /// <summary>Refuses names that are no weight's and no layer's, all at once.</summary>
    /// <exception cref="InvalidOptionException">There are some; the message names them and near ones.</exception>
    public static void Require(Network network, WeightPlan plan, ImmutableHashSet<string> kept)
    {
        var uses = WeightUse.In(network).ToArray();
        HashSet<string> weights = new(uses.Select(u => u.Weight.Name), StringComparer.Ordinal), layers = new(uses.Select(u => u.LayerName), StringComparer.Ordinal);
        var problems = new List<string>();
        foreach (var (i, row) in plan.Rows.Index())
        {
            if (row.Weight is { } weight ? weights.Contains(weight) : layers.Contains(row.Layer!)) continue;
            problems.Add(row.Weight is { } name
                ? $"row {i + 1} of the plan names the weight '{name}', which the network does not have{Near(name, weights)}"
                : $"row {i + 1} of the plan names the layer '{row.Layer}', which has no weight in the network{Near(row.Layer!, layers)}");
        }
        problems.AddRange(from name in kept.Order(StringComparer.Ordinal)
                          where !weights.Contains(name) && !layers.Contains(name)
                          select $"no weight that would be quantised, and no layer that uses one, is called '{name}'{Near(name, weights.Concat(layers))}");
        if (problems.Count > 0) throw new InvalidOptionException(string.Join("\n  ", problems.Count == 1 ? problems : problems.Prepend($"{problems.Count} names match nothing:")));
    }

    private static string Near(string name, IEnumerable<string> known) => NearNames.Of(name, known) is { Count: > 0 } near ? $"; near {PlanFile.Quoted(near)}" : "; it has none";
}

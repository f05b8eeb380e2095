using Strata.Passes;

namespace Strata.Compiler.Planning;

/// <summary>What one way to store a weight takes, and what it costs when nothing else changes.</summary>
/// <param name="Scheme">The way; null for the weight as it is.</param>
/// <param name="Bytes">Bytes of codes, scales and zero points as a file stores them.</param>
/// <param name="Damage">What it does to the outputs; where no inputs fit, to the weight itself.</param>
public sealed record ChoiceDamage(WeightScheme? Scheme, long Bytes, Damage Damage);

/// <summary>How much the outputs depend on the bits of a weight.</summary>
/// <param name="Weight">The weight.</param>
/// <param name="Layer">The first layer that uses it, by name or, without one, by its result.</param>
/// <param name="Elements">Its number of elements.</param>
/// <param name="Choices">Ways to store it: as it is, then from wide to narrow.</param>
/// <param name="Cause">Why few bits hurt it, for <see cref="SensitivityReport.Typical"/>.</param>
public sealed record WeightSensitivity(string Weight, string Layer, int Elements, IReadOnlyList<ChoiceDamage> Choices, WeightCause? Cause)
{
    /// <summary>The choice of a scheme, or null where it is none.</summary>
    public ChoiceDamage? Find(WeightScheme? scheme) => Choices.FirstOrDefault(c => c.Scheme == scheme);
}

/// <summary>How much the outputs of a network depend on the bits of each weight.</summary>
/// <param name="Weights">Each weight, in order of use.</param>
/// <param name="Sets">Sets of inputs that it was measured on; 0 where none fit.</param>
/// <param name="AreRecorded">They were given; otherwise they were generated.</param>
/// <param name="Refusal">Why the network takes no generated inputs, so that damages are those of the weights themselves; or null.</param>
public sealed record SensitivityReport(IReadOnlyList<WeightSensitivity> Weights, int Sets, bool AreRecorded, string? Refusal)
{
    /// <summary>The scheme that weights are ranked by.</summary>
    public static WeightScheme Typical { get; } = new(WeightFormat.Find("int4")!, new(32));

    /// <summary>The weights whose <see cref="Typical"/> form does most damage first.</summary>
    public IEnumerable<WeightSensitivity> Ranked => Weights.OrderByDescending(w => w.Find(Typical)?.Damage.Noise ?? 0);

    /// <summary>
    /// The plan that, as far as damages add up, does least damage within the bytes that <see cref="Typical"/> takes for every weight.
    /// </summary>
    public IEnumerable<(WeightPlanRow Row, PlanFacts? Facts)> Plan
    {
        get
        {
            int[] chosen = PlanSolver.Solve([.. Weights.Select(w => w.Choices.Select(c => new PlanChoice(c.Bytes, c.Damage.Noise)).ToArray())], Weights.Sum(w => (w.Find(Typical) ?? w.Choices[^1]).Bytes))!;
            return Weights.Zip(chosen).Select(p => (new WeightPlanRow(p.First.Weight, p.First.Layer, p.First.Choices[p.Second].Scheme),
                (PlanFacts?)new PlanFacts(p.First.Elements, p.First.Choices[p.Second].Bytes)));
        }
    }
}

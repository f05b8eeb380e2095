using Strata.Networks;
using Strata.Operators;
using Strata.Passes;

namespace Strata.Compiler.Planning;

/// <summary>What a quantised weight alone does to the outputs, and why.</summary>
/// <param name="Weight">The weight.</param>
/// <param name="Layer">The first layer that uses it, by name or, without one, by its result.</param>
/// <param name="Elements">Its number of elements.</param>
/// <param name="Damage">How far the outputs are off with every other weight as it was.</param>
/// <param name="Cause">Why.</param>
public sealed record WeightDamage(string Weight, string Layer, int Elements, Damage Damage, WeightCause Cause)
{
    /// <summary>The option of <c>compile</c> that leaves the weight as it was, quoted for a shell.</summary>
    public string Flag => $"--keep '{Weight.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

/// <summary>Ranks the weights of a quantised network by what each of them alone does to the outputs.</summary>
internal static class DamageRanking
{
    /// <summary>Weights that are measured at most: the longest.</summary>
    public const int MostWeights = 100;

    /// <summary>The damages, worst first.</summary>
    /// <param name="original">The network before quantisation.</param>
    /// <param name="quantized">The network after it; weights are found by name.</param>
    /// <param name="probe">Runs the original.</param>
    /// <param name="threads">Weights measured at a time.</param>
    /// <param name="progress">Hears which share is done.</param>
    /// <param name="cancel">Ends the measurement.</param>
    public static IReadOnlyList<WeightDamage> Of(Network original, Network quantized, DamageProbe probe, int threads, Action<double> progress, CancellationToken cancel)
    {
        WeightUse[] uses = [.. WeightUse.In(original).DistinctBy(u => u.Weight.Name)];
        var found = StoredWeights.Find(quantized, uses.Select(u => u.Weight.Name).ToHashSet(StringComparer.Ordinal));
        var changed = uses.Select(use => (Use: use, Value: found.GetValueOrDefault(use.Weight.Name)))
            .Where(w => w.Value is { Constant: null } && StoredWeights.ConstantOf(w.Value) is { } now && now.Dims.SequenceEqual(w.Use.Weight.Constant!.Dims))
            .OrderByDescending(w => w.Use.Elements).Take(MostWeights).ToArray();
        var damages = new WeightDamage[changed.Length];
        int done = 0;
        Parallel.For(0, changed.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancel }, i =>
        {
            var (use, value) = changed[i];
            var restored = Constant.Of(StoredWeights.ConstantOf(value!)!.Materialize());
            damages[i] = new(use.Weight.Name, use.LayerName, use.Elements, probe.Of(use.Weight.Constant!, restored, 1), WeightCause.Of(use, IsSymmetric(value!), restored));
            progress((double)Interlocked.Increment(ref done) / changed.Length);
        });
        return [.. damages.OrderByDescending(d => d.Damage.Noise).ThenBy(d => d.Weight, StringComparer.Ordinal)];
    }

    // Codes without a zero point lie around 0.
    private static bool IsSymmetric(Value value) => value.Producer switch
    {
        { Operator: DequantizeLinear } layer => layer.Inputs is not [_, _, { }, ..],
        { Operator: Reshape or Transpose } layer => IsSymmetric(layer.Inputs[0]!),
        _ => false,
    };
}

using Strata.Bitstream;
using Strata.Compiler.Pipeline;
using Strata.Networks;
using Strata.Passes;

namespace Strata.Compiler.Planning;

/// <summary>
/// Measures what each way to store each weight does to the outputs, one weight at a time: the network runs with the weight as it would be
/// restored, on inputs that neither calibrate nor judge a compile.
/// </summary>
internal sealed class SensitivityAnalysis(CompileOptions options, Func<Constant, InputMoments?>? moments, IProgress<CompileProgress>? progress, CancellationToken cancel)
{
    /// <summary>Weights as they were quantised on the way.</summary>
    public QuantizedWeights Known { get; } = new();

    /// <summary>Runs variants of the network; null where no inputs fit it.</summary>
    public DamageProbe? Probe { get; private set; }

    /// <summary>The damages of all weights that a compile would look at, or of those that <paramref name="schemesOf"/> gives schemes.</summary>
    public SensitivityReport Measure(Network network, Func<WeightUse, IReadOnlyList<WeightScheme>> schemesOf)
    {
        progress?.Report(new("sensitivity", 0));
        (Probe, string? refusal) = new CompileInputs(options).Try(network, CompileInputs.Planning, options.PlanningInputs, sets => new DamageProbe(network, [.. sets.Take(options.PlanningInputs)], options.Threads, cancel));
        (WeightUse Use, IReadOnlyList<WeightScheme> Schemes)[] uses = [.. WeightUse.In(network).Where(u => u.Elements >= QuantizeWeights.DefaultMinElements).DistinctBy(u => u.Weight.Name)
            .Select(u => (u, schemesOf(u))).Where(u => u.Item2.Count > 0)];
        var choices = new ChoiceDamage?[uses.Length][];
        var causes = new WeightCause?[uses.Length];
        (int Weight, int Scheme)[] tasks = [.. uses.SelectMany((u, w) => u.Schemes.Select((_, s) => (w, s)))];
        for (int w = 0; w < uses.Length; w++) choices[w] = new ChoiceDamage?[uses[w].Schemes.Count];
        int done = 0;
        Parallel.ForEach(tasks, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancel }, task =>
        {
            var (use, schemes) = uses[task.Weight];
            var scheme = schemes[task.Scheme];
            if (Stored(network, use, scheme) is { } value)
            {
                var restored = Constant.Of(StoredWeights.ConstantOf(value)!.Materialize());
                choices[task.Weight][task.Scheme] = new(scheme, StoredWeights.LengthOf(value), Probe?.Of(use.Weight.Constant!, restored, 1) ?? OfWeight(use.Weight.Constant!, restored));
                if (scheme == SensitivityReport.Typical || schemes.Count == 1) causes[task.Weight] = WeightCause.Of(use, scheme.Format is { IsInteger: true, HasZeroPoint: false }, restored);
            }
            progress?.Report(new("sensitivity", (double)Interlocked.Increment(ref done) / tasks.Length));
        });
        return new([.. uses.Select((u, w) => new WeightSensitivity(u.Use.Weight.Name, u.Use.LayerName, u.Use.Elements,
            [new(null, NetworkEncoder.LengthOf(u.Use.Weight.Constant!), default), .. choices[w].OfType<ChoiceDamage>()], causes[w]))], Probe?.Sets ?? 0, options.Data is not null, refusal);
    }

    // The value that a network with this weight alone in a scheme restores it by; null where the scheme cannot hold the weight.
    private Value? Stored(Network network, WeightUse use, WeightScheme scheme)
    {
        string name = use.Weight.Name;
        var pass = new QuantizeWeights(null, [new(name, null, scheme)]) { Moments = moments, Known = Known };
        var value = StoredWeights.Find(pass.Run(network, new PassContext { Cancellation = cancel }), new HashSet<string>([name], StringComparer.Ordinal)).GetValueOrDefault(name);
        return value is { Constant: null } ? value : null;
    }

    // Without inputs: the noise of the weight itself.
    private static Damage OfWeight(Constant weight, Constant restored)
    {
        double[] x = weight.Materialize().ToDoubles(), y = restored.Materialize().ToDoubles();
        double signal = x.Sum(v => v * v), noise = x.Zip(y).Sum(p => (p.First - p.Second) * (p.First - p.Second)), largest = x.Max(Math.Abs);
        return signal == 0 ? default : new(noise / signal, x.Zip(y).Max(p => Math.Abs(p.First - p.Second)) / largest);
    }
}

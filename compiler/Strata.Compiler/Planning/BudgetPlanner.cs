using System.Globalization;
using Strata.Bitstream;
using Strata.Networks;
using Strata.Passes;
using Strata.Passes.Rules;

namespace Strata.Compiler.Planning;

/// <summary>
/// Chooses a width for each weight within a budget: damages of single weights and their real bytes go through <see cref="PlanSolver"/>, whole
/// files tell what the sums leave out (headers, weights stored once), and whole networks which of a few plans hurts least.
/// </summary>
internal sealed class BudgetPlanner(CompileOptions options, Network network, Func<Constant, InputMoments?>? moments, IProgress<CompileProgress>? progress, CancellationToken cancel)
{
    // Files are filled to this share where choices are fine enough, in so many attempts.
    private const double Filled = 0.99;
    private const int Attempts = 8;

    // Sums of damages that are off by more than this factor were measured in too quiet a network.
    private const double NotAdditive = 1.3;

    // Uniform plans that a mixed one is held against, and halvings of the interval of sizes.
    private const int MostRivals = 3, Halvings = 9;

    private readonly WeightBudget budget = options.Budget!;
    private readonly SensitivityAnalysis analysis = new(options, moments, progress, cancel);
    private SensitivityReport? sensitivity;
    private ChoiceDamage[][] choices = [];

    private sealed record Candidate(int[] Chosen, Network Network, long FileBytes, long WeightBytes, long ChoiceBytes)
    {
        public Damage? Damage { get; set; }
    }

    /// <summary>Weights as they were quantised on the way.</summary>
    public QuantizedWeights Known => analysis.Known;

    /// <summary>The plan that hurts least.</summary>
    /// <param name="margin">The share of <see cref="WeightBudget.MaxError"/> to aim at, as other inputs err more.</param>
    /// <exception cref="BudgetNotReachableException">No plan keeps the budget.</exception>
    public IReadOnlyList<WeightPlanRow> Run(double margin)
    {
        sensitivity ??= Measure();
        if (budget.MaxError is not null && analysis.Probe is null) throw new InvalidOptionException($"an error cannot be bounded without running the model, and generated inputs do not fit: {sensitivity.Refusal}; give --data DIR or --dim");
        var plan = budget is { MaxBytes: null, MaxBitsPerWeight: null } ? ForError(margin * budget.MaxError!.Value) : ForSize();
        return RowsOf(plan.Chosen);
    }

    private SensitivityReport Measure()
    {
        var plan = new WeightPlan(options.Plan ?? []);
        var report = analysis.Measure(network, use =>
            options.KeptWeights.Contains(use.Weight.Name) || options.KeptWeights.Contains(use.LayerName) ? []
            : plan.RowOf(use.Weight.Name, use.LayerName) is { } row ? row.Scheme is { } scheme ? [scheme] : [] : PlanChoices.All);
        // A row leaves no choice but its own.
        choices = [.. report.Weights.Select(w => w.Choices.Where(c => c.Scheme is not null || w.Choices.Count == 1 || plan.RowOf(w.Weight, w.Layer) is null).ToArray())];
        progress?.Report(new("plan"));
        return report;
    }

    private Candidate ForSize()
    {
        long elements = Math.Max(1, StoredWeights.ElementsOf(network));
        (long most, Func<Candidate, long> sizeOf) = budget.MaxBytes is { } bytes ? (bytes, (Func<Candidate, long>)(c => c.FileBytes)) : ((long)(budget.MaxBitsPerWeight!.Value * elements / 8), c => c.WeightBytes);
        var smallest = Evaluate([.. choices.Select(c => Enumerable.Range(0, c.Length).MinBy(i => c[i].Bytes))]);
        if (sizeOf(smallest) > most) throw Unreachable(budget.MaxBytes is null
            ? Text($"no plan comes to {budget.MaxBitsPerWeight} bits per weight: the smallest has {8.0 * smallest.WeightBytes / elements:F2}, in a file of {smallest.FileBytes} bytes")
            : Text($"no plan fits into {most} bytes: the smallest file has {smallest.FileBytes}"), smallest);
        var widest = Evaluate([.. choices.Select(c => Enumerable.Range(0, c.Length).MinBy(i => c[i].Damage.Noise))]);
        var best = sizeOf(widest) <= most ? widest : Best(most, sizeOf, smallest);
        if (budget.MaxError is { } error && DamageOf(best).RelativeError > error)
            throw Unreachable(Text($"within {most} bytes the largest error is {100 * DamageOf(best).RelativeError:G3} % of an output's largest magnitude, more than {100 * error:G4} %"), best);
        return best;
    }

    private Candidate Best(long most, Func<Candidate, long> sizeOf, Candidate smallest)
    {
        PlanChoice[][] items = Items();
        var mixed = Fit(items, most, sizeOf, smallest);
        var candidates = new List<Candidate> { mixed };
        if (analysis.Probe is null) return mixed;
        double predicted = Sum(items, mixed.Chosen);
        if (DamageOf(mixed).Noise is var measured && (measured > NotAdditive * predicted || predicted > NotAdditive * measured)) candidates.Add(Fit(InContext(items, mixed), most, sizeOf, smallest));
        foreach (int[] rival in Uniform().Where(u => EstimateOf(u, mixed, sizeOf) <= 1.02 * most).OrderBy(u => Sum(items, u)).Take(MostRivals))
        {
            if (Evaluate(rival) is var uniform && sizeOf(uniform) > most) continue;
            candidates.Add(uniform);
            // Its own bytes may leave room for wider codes.
            if (DamageOf(uniform).Noise < candidates.Min(c => DamageOf(c).Noise) * 1.0001 && sizeOf(uniform) < Filled * most) candidates.Add(Fit(InContext(items, uniform), most, sizeOf, smallest));
        }
        return candidates.MinBy(c => DamageOf(c).Noise)!;
    }

    // What sums of bytes leave out is learnt from whole files.
    private Candidate Fit(PlanChoice[][] items, long most, Func<Candidate, long> sizeOf, Candidate smallest)
    {
        var best = smallest;
        long rest = sizeOf(smallest) - smallest.ChoiceBytes;
        for (int i = 0; i < Attempts; i++)
        {
            var candidate = Evaluate(PlanSolver.Solve(items, most - rest) ?? smallest.Chosen);
            if (sizeOf(candidate) <= most && Sum(items, candidate.Chosen) < Sum(items, best.Chosen)) best = candidate;
            long learnt = sizeOf(candidate) - candidate.ChoiceBytes;
            if (sizeOf(candidate) <= most && sizeOf(candidate) > Filled * most || learnt == rest) break;
            // Twice over the budget by the same plan, the estimate must give way.
            rest = sizeOf(candidate) > most ? Math.Max(learnt, rest + (sizeOf(candidate) - most)) : learnt;
        }
        return best;
    }

    private Candidate ForError(double error)
    {
        PlanChoice[][] items = Items();
        var smallest = Evaluate([.. choices.Select(c => Enumerable.Range(0, c.Length).MinBy(i => c[i].Bytes))]);
        if (DamageOf(smallest).RelativeError <= error) return smallest;
        var best = Evaluate([.. choices.Select(c => Enumerable.Range(0, c.Length).MinBy(i => c[i].Damage.Noise))]);
        if (DamageOf(best).RelativeError > error) throw Unreachable(Text($"no plan errs by at most {100 * budget.MaxError!.Value:G4} % of an output's largest magnitude: the best errs by {100 * DamageOf(best).RelativeError:G3} %"), best);
        // Halving the interval of sizes between what errs too much and what does not.
        long low = smallest.ChoiceBytes, high = best.ChoiceBytes;
        for (int i = 0; i < Halvings && high - low > low / 200; i++)
        {
            long middle = (low + high) / 2;
            var candidate = Evaluate(PlanSolver.Solve(items, middle)!);
            if (DamageOf(candidate).RelativeError <= error) (best, high) = (candidate, middle);
            else low = middle;
        }
        return best;
    }

    private PlanChoice[][] Items() => [.. choices.Select(w => w.Select(c => new PlanChoice(c.Bytes, c.Damage.Noise)).ToArray())];

    // Damages as they are among the errors of a whole plan: what keeping the weight would gain there, instead of what it costs alone.
    private PlanChoice[][] InContext(PlanChoice[][] items, Candidate plan)
    {
        const double Most = 8;
        double all = DamageOf(plan).Noise;
        var factors = new double[items.Length];
        int done = 0;
        var originals = WeightUse.In(network).DistinctBy(u => u.Weight.Name).ToDictionary(u => u.Weight.Name, u => u.Weight.Constant!, StringComparer.Ordinal);
        var restored = StoredWeights.Find(plan.Network, originals.Keys.ToHashSet(StringComparer.Ordinal));
        Parallel.For(0, items.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancel }, w =>
        {
            string name = sensitivity!.Weights[w].Weight;
            double alone = items[w][plan.Chosen[w]].Damage;
            factors[w] = 1;
            if (alone > 0 && restored.TryGetValue(name, out var value))
            {
                double without = analysis.Probe!.Of(new ReplaceValue(value, originals[name]).Run(plan.Network, new PassContext { Cancellation = cancel }), 1).Noise;
                factors[w] = Math.Clamp((all - without) / alone, 1 / Most, Most);
            }
            progress?.Report(new("plan", (double)Interlocked.Increment(ref done) / items.Length));
        });
        return [.. items.Select((item, w) => item.Select(c => c with { Damage = c.Damage * factors[w] }).ToArray())];
    }

    private IEnumerable<int[]> Uniform() => PlanChoices.All.Select(scheme => choices.Select(c => Math.Max(0, Array.FindIndex(c, choice => choice.Scheme == scheme))).ToArray());

    private long EstimateOf(int[] chosen, Candidate known, Func<Candidate, long> sizeOf) => BytesOf(chosen) + sizeOf(known) - known.ChoiceBytes;

    private long BytesOf(int[] chosen) => chosen.Select((c, w) => choices[w][c].Bytes).Sum();

    private static double Sum(PlanChoice[][] items, int[] chosen) => chosen.Select((c, w) => items[w][c].Damage).Sum();

    private Damage DamageOf(Candidate candidate) => candidate.Damage ??= analysis.Probe?.Of(candidate.Network, options.Threads) ?? new Damage(Sum(Items(), candidate.Chosen), 0);

    private Candidate Evaluate(int[] chosen)
    {
        cancel.ThrowIfCancellationRequested();
        progress?.Report(new("plan"));
        var pass = new QuantizeWeights(null, RowsOf(chosen)) { Kept = options.KeptWeights, Moments = moments, Known = Known };
        var quantized = new PassManager([pass, .. AfterQuantizing]).Run(network, new PassContext { Cancellation = cancel }).Network;
        using var bytes = new MemoryStream();
        var report = NetworkEncoder.Encode(quantized.WithMetadata(options.Floor.WriteTo(network.Metadata)), bytes, new EncodeOptions { Coding = options.Coding }, cancel);
        using var encoded = EncodedNetwork.Open(new MemoryByteSource(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), network.Name));
        return new(chosen, quantized, report.FileBytes, encoded.Layers.Prepend(encoded.Header).SelectMany(l => l.Constants).Sum(c => c.Bytes), BytesOf(chosen));
    }

    /// <summary>What runs after quantisation: weights whose codes come out the same, or whose scales do, are stored once.</summary>
    public static IReadOnlyList<IPass> AfterQuantizing { get; } = [new MergeEqualConstants(), new EliminateCommonSubexpressions(), new RemoveDeadLayers()];

    private IReadOnlyList<WeightPlanRow> RowsOf(int[] chosen) =>
        [.. chosen.Select((c, w) => new WeightPlanRow(sensitivity!.Weights[w].Weight, sensitivity.Weights[w].Layer, choices[w][c].Scheme)), .. (options.Plan ?? []).Where(r => sensitivity!.Weights.All(w => w.Weight != r.Weight))];

    private static BudgetNotReachableException Unreachable(string what, Candidate nearest) => new($"{what}; keep fewer weights, or ask for more", nearest.FileBytes);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using Strata.Execution;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Fidelity;

/// <summary>How well a value that a layer computes is reproduced.</summary>
public sealed record LayerFidelity(int LayerId, string LayerName, string Operator, FidelityMetrics Metrics);

/// <summary>How well a network reproduces a reference.</summary>
/// <param name="Outputs">One entry per output of the reference.</param>
/// <param name="Layers">One entry per value that both networks compute under the same name; empty where there is nothing to compare with.</param>
/// <param name="Runs">How many sets of inputs were run.</param>
/// <param name="Floor">What every output must reach.</param>
public sealed record FidelityReport(IReadOnlyList<FidelityMetrics> Outputs, IReadOnlyList<LayerFidelity> Layers, int Runs, FidelityFloor Floor)
{
    /// <summary>True when every output reaches the floor.</summary>
    public bool Passed => Outputs.All(Floor.Holds);
}

/// <summary>Measures a network against a reference network or against recorded outputs, one set of inputs at a time.</summary>
public sealed class NetworkComparison : IDisposable
{
    /// <summary>Bytes of weights of each network that stay in memory; those beyond are read layer by layer, so that models larger than the memory can be compared.</summary>
    internal const long KeptBytes = 32 << 20;

    private readonly Network subject;
    private readonly NetworkRun subjectRun;
    private readonly NetworkRun? referenceRun;
    private readonly Dictionary<string, FidelityAccumulator> outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<Value, FidelityAccumulator> layers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> shared;
    private readonly int[] inputOrder = [], outputOrder = []; // positions of the reference's ports among the subject's
    private int runs;

    /// <summary>Hears of the outputs of each run, those of the reference (or recorded ones) first, both in the order of the subject's.</summary>
    public Action<IReadOnlyList<RuntimeValue?>, IReadOnlyList<RuntimeValue?>>? Ran { get; init; }

    /// <summary>Compares with recorded outputs, given for each run, or with what a reference network computes.</summary>
    /// <param name="subject">The network to judge.</param>
    /// <param name="reference">What it should compute; needs the same inputs and outputs, by name unless <paramref name="byPosition"/>.</param>
    /// <param name="perLayer">Also compare the values that both networks compute under the same name.</param>
    /// <param name="byPosition">Pair the inputs and outputs of other names in order.</param>
    /// <param name="subjectRoute">By what the network is run; by the engine, layers cannot be compared.</param>
    /// <param name="referenceRoute">By what the reference is run.</param>
    /// <exception cref="InvalidInputException">Inputs or outputs differ in number or, unless <paramref name="byPosition"/>, in name.</exception>
    public NetworkComparison(Network subject, Network? reference = null, bool perLayer = false, bool byPosition = false,
        ExecutionRoute subjectRoute = ExecutionRoute.Interpreter, ExecutionRoute referenceRoute = ExecutionRoute.Interpreter)
    {
        this.subject = subject;
        perLayer &= reference is not null && (subjectRoute, referenceRoute) == (ExecutionRoute.Interpreter, ExecutionRoute.Interpreter);
        if (reference is not null)
        {
            inputOrder = Pair("input", [.. subject.Inputs.Select(i => i.Name)], [.. reference.Inputs.Select(i => i.Name)], byPosition);
            outputOrder = Pair("output", [.. subject.Outputs.Select(o => o.Name)], [.. reference.Outputs.Select(o => o.Name)], byPosition);
        }
        shared = perLayer ? [.. Computed(reference!).Intersect(Computed(subject), StringComparer.Ordinal)] : [];
        foreach (var output in subject.Outputs) outputs[output.Name] = new(output.Name);
        if (reference is not null) referenceRun = NetworkRun.Of(reference, referenceRoute, KeptBytes);
        subjectRun = NetworkRun.Of(subject, subjectRoute, KeptBytes);
    }

    /// <summary>Runs the reference and the subject on one set of inputs in the order of the subject's.</summary>
    /// <param name="inputs">One value per input of the subject.</param>
    /// <param name="cancel">Ends the run.</param>
    /// <param name="progress">Hears which share of the layers has run, 0 to 1.</param>
    /// <exception cref="InvalidInputException">The reference refuses the inputs.</exception>
    /// <exception cref="InvalidNetworkException">The subject refuses inputs that the reference takes.</exception>
    public void Run(IReadOnlyList<RuntimeValue?> inputs, CancellationToken cancel = default, Action<double>? progress = null)
    {
        if (referenceRun is null) throw new InvalidOperationException("there is no reference network");
        double total = Math.Max(1, referenceRun.Network.Layers.Length + subject.Layers.Length), done = 0;
        var expectedValues = new Dictionary<string, RuntimeValue?>(StringComparer.Ordinal);
        var expected = referenceRun.Run([.. inputOrder.Select(i => inputs[i])], cancel, (layer, results) =>
        {
            progress?.Invoke(++done / total);
            Observe(layer, results, (value, result) => expectedValues[value.Name] = result);
        });
        IReadOnlyList<RuntimeValue?> actual;
        try
        {
            actual = subjectRun.Run(inputs, cancel, (layer, results) =>
            {
                progress?.Invoke(++done / total);
                Observe(layer, results, Compare);
            });
        }
        catch (InvalidInputException error)
        {
            throw new InvalidNetworkException($"network '{subject.Name}' refuses inputs that its reference takes: {error.Message}", error);
        }
        var ordered = new RuntimeValue?[expected.Count];
        for (int i = 0; i < ordered.Length; i++) ordered[outputOrder[i]] = expected[i];
        Add(ordered, actual);

        void Compare(Value value, RuntimeValue? result)
        {
            if (!layers.TryGetValue(value, out var accumulator)) layers[value] = accumulator = new(value.Name);
            accumulator.Add(expectedValues[value.Name], result);
            expectedValues.Remove(value.Name);
        }
    }

    /// <summary>Runs the subject on one set of inputs and compares with recorded outputs, both in the order of the subject's; null where none is recorded.</summary>
    public void Run(IReadOnlyList<RuntimeValue?> inputs, IReadOnlyList<RuntimeValue?> recorded, CancellationToken cancel = default) =>
        Add(recorded, subjectRun.Run(inputs, cancel));

    /// <summary>The report over all runs.</summary>
    public FidelityReport Report(FidelityFloor? floor = null) => new(
        [.. subject.Outputs.Select(o => outputs[o.Name].Result())],
        [.. layers.Select(l => new LayerFidelity(l.Key.Producer!.Id, l.Key.Producer.Name, l.Key.Producer.Operator.ToString(), l.Value.Result())).OrderBy(l => l.LayerId)],
        runs, floor ?? FidelityFloor.WeightLossless);

    /// <summary>Gives up what the engine keeps of the networks.</summary>
    public void Dispose()
    {
        subjectRun.Dispose();
        referenceRun?.Dispose();
    }

    /// <summary>Takes the outputs of one run, both in the order of the subject's; null where none is expected.</summary>
    internal void Add(IReadOnlyList<RuntimeValue?> expected, IReadOnlyList<RuntimeValue?> actual)
    {
        for (int i = 0; i < subject.Outputs.Length; i++)
        {
            if (expected[i] is { } value) outputs[subject.Outputs[i].Name].Add(value, actual[i]);
        }
        runs++;
        Ran?.Invoke(expected, actual);
    }

    private void Observe(Layer layer, IReadOnlyList<RuntimeValue?> results, Action<Value, RuntimeValue?> see)
    {
        for (int i = 0; i < layer.Outputs.Length; i++)
        {
            if (layer.Outputs[i] is { } value && shared.Contains(value.Name)) see(value, results[i]);
        }
    }

    private static IEnumerable<string> Computed(Network network) => network.Layers.SelectMany(l => l.Outputs).OfType<Value>().Select(v => v.Name);

    private static int[] Pair(string what, string[] subject, string[] reference, bool byPosition)
    {
        var pairs = PortPairing.Pair(reference, subject);
        foreach (var (expected, found) in pairs)
        {
            if (expected is { } i && (found is null || !byPosition && subject[found.Value] != reference[i])) throw new InvalidInputException($"the network lacks {what} '{reference[i]}' of the reference; is this the model it was compiled from?");
            if (expected is null) throw new InvalidInputException($"the reference lacks {what} '{subject[found!.Value]}' of the network; is this the model it was compiled from?");
        }
        return [.. pairs.Select(p => p.Second!.Value)];
    }
}

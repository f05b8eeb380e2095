using Strata.Compiler.Fidelity;
using Strata.Compiler.Planning;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Pipeline;

/// <summary>Measures what a compile makes of a network against the network as imported, on random inputs.</summary>
internal sealed class Measurement(CompileOptions options, IProgress<CompileProgress>? progress, CancellationToken cancel)
{
    // Bytes of weights up to which a lossy compile is measured by the engine, which keeps two networks in memory.
    private const long EngineBytes = 1L << 30;

    // Sets of inputs that weights are ranked on.
    private const int DamageInputs = 2;

    /// <summary>Measures a network that should compute the same, on one set of random inputs.</summary>
    public Verification Lossless(Network imported, Network optimized)
    {
        if (ReferenceEquals(imported, optimized)) return Verification.Identical;
        progress?.Report(new("measure", 0));
        var (report, refusal) = new CompileInputs(options).TryRandom(imported, inputs => ByEngine(imported, optimized, inputs, FidelityFloor.WeightLossless, NetworkComparison.KeptBytes) is { Passed: true } passed
            ? passed // what the engine's own roundings make miss the floor, the reference judges
            : ByReference(imported, optimized, inputs, FidelityFloor.WeightLossless));
        return new(IsIdentical: false, report, refusal);
    }

    /// <summary>Measures a network whose weights were changed, on <see cref="CompileOptions.MeasuredInputs"/> sets of generated inputs, or on recorded ones.</summary>
    public Verification Lossy(Network imported, Network changed)
    {
        progress?.Report(new("measure", 0));
        var (report, refusal) = new CompileInputs(options).Try(imported, 0, options.MeasuredInputs,
            inputs => ByEngine(imported, changed, inputs, options.Floor, EngineBytes) ?? ByReference(imported, changed, inputs, options.Floor));
        return new(IsIdentical: false, report, refusal) { IsFloorOpen = report is null && options.Floor != FidelityFloor.None };
    }

    /// <summary>What each quantised weight alone does to the outputs, worst first; empty where no inputs fit.</summary>
    public IReadOnlyList<WeightDamage> Damages(Network original, Network quantized)
    {
        if (WeightBytes(original) > EngineBytes) return [];
        progress?.Report(new("damage", 0));
        return new CompileInputs(options).Try(original, CompileInputs.Planning, DamageInputs, sets =>
            DamageRanking.Of(original, quantized, new DamageProbe(original, [.. sets.Take(DamageInputs)], options.Threads, cancel), options.Threads, fraction => progress?.Report(new("damage", fraction)), cancel)).Result ?? [];
    }

    /// <summary>
    /// What each quantised weight of a network alone does to the outputs of the model that it was made from, worst first: the passes of a compile
    /// give the model's weights their names and forms. Empty where no weight is found again, or no inputs fit.
    /// </summary>
    public static IReadOnlyList<WeightDamage> DamagesAgainstModel(Network model, Network quantized, CompileOptions options, IProgress<CompileProgress>? progress, CancellationToken cancel) =>
        quantized.Layers.Any(l => l.Operator is DequantizeLinear or Cast && l.Inputs[0]?.Constant is not null)
            ? new Measurement(options, progress, cancel).Damages(new Optimizer(options with { Verify = false }, progress, cancel).Run(model).Network, quantized) : [];

    // Null where the engine would keep too much in memory, or refuses the inputs.
    private FidelityReport? ByEngine(Network imported, Network subject, IReadOnlyList<RuntimeValue?[]> inputs, FidelityFloor floor, long mostBytes)
    {
        if (WeightBytes(imported) > mostBytes) return null;
        try
        {
            var expected = Run(imported, 0);
            var actual = Run(subject, 0.5);
            using var comparison = new NetworkComparison(subject);
            foreach (var (reference, result) in expected.Zip(actual)) comparison.Add(reference, result);
            return comparison.Report(floor);
        }
        catch (InvalidInputException)
        {
            return null;
        }

        List<RuntimeValue?[]> Run(Network network, double done)
        {
            using var run = NetworkRun.Of(network, ExecutionRoute.Engine, 0, options.Threads);
            var results = new List<RuntimeValue?[]>();
            foreach (var set in inputs)
            {
                progress?.Report(new("measure", done + 0.5 * results.Count / inputs.Count));
                results.Add([.. run.Run(set, cancel)]);
            }
            return results;
        }
    }

    private FidelityReport ByReference(Network imported, Network subject, IReadOnlyList<RuntimeValue?[]> inputs, FidelityFloor floor)
    {
        using var comparison = new NetworkComparison(subject, imported);
        foreach (var (i, set) in inputs.Index()) comparison.Run(set, cancel, fraction => progress?.Report(new("measure", (i + fraction) / inputs.Count)));
        return comparison.Report(floor);
    }

    private static long WeightBytes(Network network) =>
        network.Constants.Sum(c => c.Constant!.ByteCount) + network.Layers.SelectMany(l => l.Operator.Bodies).Sum(WeightBytes);
}

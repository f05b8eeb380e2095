using Strata.Compiler.Fidelity;
using Strata.Execution;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Pipeline;

/// <summary>Measures what a compile makes of a network against the network as imported, on random inputs.</summary>
internal sealed class Measurement(CompileOptions options, IProgress<CompileProgress>? progress, CancellationToken cancel)
{
    /// <summary>The sizes tried, in order, for symbolic dimensions that the caller leaves open. Not every model takes every size.</summary>
    private static readonly long[] Sizes = [2, 1, 16, 64, 224];

    // Bytes of weights up to which a lossy compile is measured by the engine, which keeps two networks in memory.
    private const long EngineBytes = 1L << 30;

    /// <summary>Measures a network that should compute the same, on one set of inputs.</summary>
    public Verification Lossless(Network imported, Network optimized) => ReferenceEquals(imported, optimized)
        ? Verification.Identical
        : Measure(imported, optimized, 1, inputs => ByEngine(imported, optimized, inputs, FidelityFloor.WeightLossless, NetworkComparison.KeptBytes) is { Passed: true } report
            ? report // what the engine's own roundings make miss the floor, the reference judges
            : ByReference(imported, optimized, inputs, FidelityFloor.WeightLossless));

    /// <summary>Measures a network whose weights were changed, on <see cref="CompileOptions.MeasuredInputs"/> sets of inputs.</summary>
    public Verification Lossy(Network imported, Network changed) => Measure(imported, changed, options.MeasuredInputs,
        inputs => ByEngine(imported, changed, inputs, options.Floor, EngineBytes) ?? ByReference(imported, changed, inputs, options.Floor));

    private Verification Measure(Network imported, Network subject, int count, Func<IReadOnlyList<RuntimeValue?[]>, FidelityReport> measure)
    {
        progress?.Report(new("measure", 0));
        string? refusal = null;
        var symbols = RandomInputs.Symbols(imported);
        foreach (long size in symbols.All(options.Dims.ContainsKey) ? Sizes.Take(1) : Sizes)
        {
            try
            {
                var dims = options.Dims.ToBuilder();
                foreach (string symbol in symbols) dims.TryAdd(symbol, size);
                RuntimeValue?[][] inputs = [.. Enumerable.Range(0, count).Select(i => RandomInputs.Create(subject, options.Seed + (ulong)i, dims).ToArray())];
                return new(IsIdentical: false, measure(inputs), null);
            }
            catch (InvalidInputException error)
            {
                // Random values are no valid input for every model: sizes and indices must fit together.
                refusal ??= error.Message;
            }
        }
        return new(IsIdentical: false, null, refusal);
    }

    // Null where the engine would keep too much in memory, or refuses the inputs.
    private FidelityReport? ByEngine(Network imported, Network subject, IReadOnlyList<RuntimeValue?[]> inputs, FidelityFloor floor, long mostBytes)
    {
        if (WeightBytes(imported) > mostBytes) return null;
        try
        {
            var expected = Run(imported, 0);
            var actual = Run(subject, 0.5);
            var comparison = new NetworkComparison(subject);
            foreach (var (reference, result) in expected.Zip(actual)) comparison.Add(reference, result);
            return comparison.Report(floor);
        }
        catch (InvalidInputException)
        {
            return null;
        }

        List<RuntimeValue?[]> Run(Network network, double done)
        {
            using var model = Model.Of(network, new LoadOptions { Threads = options.Threads });
            using var session = model.CreateSession();
            var results = new List<RuntimeValue?[]>();
            foreach (var set in inputs)
            {
                progress?.Report(new("measure", done + 0.5 * results.Count / inputs.Count));
                foreach (var (input, value) in network.Inputs.Zip(set).Where(p => p.Second is not null)) session.SetInput(input.Name, value!);
                session.Run(new RunOptions { CancellationToken = cancel });
                results.Add([.. network.Outputs.Select(o => session.GetOutput(o.Name))]);
            }
            return results;
        }
    }

    private FidelityReport ByReference(Network imported, Network subject, IReadOnlyList<RuntimeValue?[]> inputs, FidelityFloor floor)
    {
        var comparison = new NetworkComparison(subject, imported);
        foreach (var (i, set) in inputs.Index()) comparison.Run(set, cancel, fraction => progress?.Report(new("measure", (i + fraction) / inputs.Count)));
        return comparison.Report(floor);
    }

    private static long WeightBytes(Network network) =>
        network.Constants.Sum(c => c.Constant!.ByteCount) + network.Layers.SelectMany(l => l.Operator.Bodies).Sum(WeightBytes);
}

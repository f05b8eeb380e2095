using Strata.Compiler.Fidelity;
using Strata.Execution;
using Strata.Networks;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Compiler.Pipeline;

/// <summary>The network after the passes, what they did, and how well it computes what was imported.</summary>
/// <param name="Network">The network.</param>
/// <param name="Passes">What each pass did.</param>
/// <param name="Allowed">What passes were allowed to change about values.</param>
/// <param name="Verification">The comparison with the imported network; null where none was asked for.</param>
internal sealed record Optimization(Network Network, IReadOnlyList<PassReport> Passes, ValueEffects Allowed, Verification? Verification);

/// <summary>
/// Runs the passes and measures the result against the imported network. Where it misses the floor, the passes run again
/// without those that change any bit: a network whose outputs are coarse (16-bit floats) or ill-conditioned must not get worse.
/// </summary>
internal sealed class Optimizer(CompileOptions options, IProgress<CompileProgress>? progress, CancellationToken cancel)
{
    /// <summary>The sizes tried, in order, for symbolic dimensions that the caller leaves open. Not every model takes every size.</summary>
    private static readonly long[] Sizes = [2, 1, 16, 64, 224];

    /// <summary>The optimised network.</summary>
    /// <exception cref="InvalidNetworkException">A pass breaks the network.</exception>
    public Optimization Run(Network imported)
    {
        if (options.Preserve) return new(imported, [], ValueEffects.None, options.Verify ? Verification.Identical : null);
        var optimization = Optimize(imported, options.Allowed);
        return optimization.Verification is { Passed: false } && options.Allowed != ValueEffects.None ? Optimize(imported, ValueEffects.None) : optimization;
    }

    private Optimization Optimize(Network imported, ValueEffects allowed)
    {
        progress?.Report(new("optimize", 0));
        var manager = new PassManager(Pipelines.Limited(allowed)) { StopAfter = options.StopAfterPass, AfterPass = options.AfterPass };
        var context = new PassContext { StopAfterPatch = options.StopAfterPatch, Cancellation = cancel, Progress = new PassStages(progress) };
        var result = manager.Run(imported, context);
        return new(result.Network, result.Passes, allowed, options.Verify ? Measure(imported, result.Network) : null);
    }

    private Verification Measure(Network imported, Network optimized)
    {
        if (ReferenceEquals(imported, optimized)) return Verification.Identical;
        progress?.Report(new("measure", 0));
        string? refusal = null;
        foreach (long size in RandomInputs.Symbols(imported).All(options.Dims.ContainsKey) ? Sizes.Take(1) : Sizes)
        {
            try
            {
                var dims = options.Dims.ToBuilder();
                foreach (string symbol in RandomInputs.Symbols(imported)) dims.TryAdd(symbol, size);
                var inputs = RandomInputs.Create(optimized, options.Seed, dims);
                return new(IsIdentical: false, ByEngine(imported, optimized, inputs) ?? ByReference(imported, optimized, inputs), null);
            }
            catch (InvalidInputException error)
            {
                // Random values are no valid input for every model: sizes and indices must fit together.
                refusal ??= error.Message;
            }
        }
        return new(IsIdentical: false, null, refusal);
    }

    // What the engine's own roundings make miss the floor, the reference judges.
    private FidelityReport? ByEngine(Network imported, Network optimized, IReadOnlyList<RuntimeValue?> inputs)
    {
        if (WeightBytes(imported) > NetworkComparison.KeptBytes) return null; // the engine keeps all weights in memory
        try
        {
            var comparison = new NetworkComparison(optimized);
            comparison.Add(Run(imported, 0), Run(optimized, 0.5));
            return comparison.Report() is { Passed: true } report ? report : null;
        }
        catch (InvalidInputException)
        {
            return null;
        }

        RuntimeValue?[] Run(Network network, double done)
        {
            progress?.Report(new("measure", done));
            using var model = Model.Of(network, new LoadOptions { Threads = options.Threads });
            using var session = model.CreateSession();
            foreach (var (input, value) in network.Inputs.Zip(inputs).Where(p => p.Second is not null)) session.SetInput(input.Name, value!);
            session.Run(new RunOptions { CancellationToken = cancel });
            return [.. network.Outputs.Select(o => session.GetOutput(o.Name))];
        }
    }

    private FidelityReport ByReference(Network imported, Network optimized, IReadOnlyList<RuntimeValue?> inputs)
    {
        var comparison = new NetworkComparison(optimized, imported);
        comparison.Run(inputs, cancel, fraction => progress?.Report(new("measure", fraction)));
        return comparison.Report();
    }

    private static long WeightBytes(Network network) =>
        network.Constants.Sum(c => c.Constant!.ByteCount) + network.Layers.SelectMany(l => l.Operator.Bodies).Sum(WeightBytes);

    private sealed class PassStages(IProgress<CompileProgress>? progress) : IProgress<PassProgress>
    {
        public void Report(PassProgress value) => progress?.Report(new("optimize", (double)value.Index / value.Total));
    }
}

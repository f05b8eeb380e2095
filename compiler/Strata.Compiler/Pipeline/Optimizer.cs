using Strata.Networks;
using Strata.Passes;

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
    private readonly Measurement measurement = new(options, progress, cancel);

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
        bool stopsEarly = options.StopAfterPass is { } stop && Pipelines.Last(options.ConvTranspose).All(p => p.Name != stop);
        var manager = new PassManager(Pipelines.Limited(allowed)) { StopAfter = stopsEarly ? options.StopAfterPass : null, AfterPass = options.AfterPass };
        var context = new PassContext { StopAfterPatch = options.StopAfterPatch, Cancellation = cancel, Progress = new PassStages(progress) };
        var result = manager.Run(imported, context);
        if (!options.IsLossy && !stopsEarly) result = Finish(options, result.Network, result.Passes, context, allowed);
        return new(result.Network, result.Passes, allowed, options.Verify ? measurement.Lossless(imported, result.Network) : null);
    }

    /// <summary>Runs what comes after all other passes, once.</summary>
    public static PassResult Finish(CompileOptions options, Network network, IReadOnlyList<PassReport> done, PassContext context, ValueEffects allowed)
    {
        var last = new PassManager([.. Pipelines.Last(options.ConvTranspose).Where(p => (p.Effects & ~allowed) == 0)]) { AfterPass = options.AfterPass };
        var result = last.Run(network, context);
        return result with { Passes = [.. done, .. result.Passes] };
    }

    private sealed class PassStages(IProgress<CompileProgress>? progress) : IProgress<PassProgress>
    {
        public void Report(PassProgress value) => progress?.Report(new("optimize", (double)value.Index / value.Total));
    }
}

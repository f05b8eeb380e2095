using System.Diagnostics;
using Strata.Networks;

namespace Strata.Passes;

/// <summary>What one pass did.</summary>
/// <param name="Pass">Its name.</param>
/// <param name="LayersBefore">Layers of the network it was given, bodies included.</param>
/// <param name="LayersAfter">Layers of the network it returned.</param>
/// <param name="Patches">Patches it applied.</param>
/// <param name="Elapsed">How long it took, verification included.</param>
public sealed record PassReport(string Pass, int LayersBefore, int LayersAfter, long Patches, TimeSpan Elapsed);

/// <summary>The network after a run of passes, and what each did.</summary>
public sealed record PassResult(Network Network, IReadOnlyList<PassReport> Passes);

/// <summary>Runs a list of passes in order and verifies the network after each.</summary>
public sealed class PassManager
{
    /// <summary>Takes the passes in the order in which they are to run; a pass may occur several times.</summary>
    public PassManager(params IReadOnlyList<IPass> passes) => Passes = passes;

    /// <summary>The passes, in order.</summary>
    public IReadOnlyList<IPass> Passes { get; }

    /// <summary>The name of the pass after which the run ends, or null; where it occurs several times, its first occurrence.</summary>
    public string? StopAfter { get; init; }

    /// <summary>Sees the network after each pass that ran.</summary>
    public Action<IPass, Network>? AfterPass { get; init; }

    /// <summary>Runs the passes.</summary>
    /// <exception cref="InvalidOptionException"><see cref="StopAfter"/> names no pass of the list.</exception>
    /// <exception cref="InvalidNetworkException">A pass broke the network; the message names it.</exception>
    /// <exception cref="ResourceLimitException">A pass does not come to an end; the message names the rule.</exception>
    public PassResult Run(Network network, PassContext? context = null)
    {
        context ??= new();
        if (StopAfter is not null) Require(StopAfter);
        var reports = new List<PassReport>();
        for (int i = 0; i < Passes.Count && !context.IsStopped; i++)
        {
            var pass = Passes[i];
            context.Cancellation.ThrowIfCancellationRequested();
            context.Progress?.Report(new(pass.Name, i, Passes.Count));
            var watch = Stopwatch.StartNew();
            (int layers, long patches) = (network.TotalLayerCount, context.Patches);
            var result = pass.Run(network, context);
            if (!ReferenceEquals(result, network)) Verify(pass, result);
            network = result;
            reports.Add(new(pass.Name, layers, network.TotalLayerCount, context.Patches - patches, watch.Elapsed));
            AfterPass?.Invoke(pass, network);
            if (pass.Name == StopAfter) break;
        }
        return new(network, reports);
    }

    /// <summary>Refuses a name that no pass has.</summary>
    /// <exception cref="InvalidOptionException">Lists the names there are.</exception>
    public void Require(string name)
    {
        if (Passes.All(p => p.Name != name)) throw new InvalidOptionException($"there is no pass '{name}'; passes are {string.Join(", ", Passes.Select(p => p.Name).Distinct())}");
    }

    private static void Verify(IPass pass, Network network)
    {
        try
        {
            NetworkVerifier.Verify(network);
        }
        catch (InvalidNetworkException error)
        {
            throw new InvalidNetworkException($"pass '{pass.Name}' breaks the network: {error.Message}", error);
        }
    }
}

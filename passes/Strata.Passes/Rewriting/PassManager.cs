using System.Diagnostics;
using Strata.Networks;

namespace Strata.Passes;

/// <summary>What one pass did, in all rounds.</summary>
/// <param name="Pass">Its name.</param>
/// <param name="LayersBefore">Layers of the network it was given in the first round, bodies included.</param>
/// <param name="LayersAfter">Layers of the network it returned in the first round.</param>
/// <param name="Patches">Patches it applied.</param>
/// <param name="Elapsed">How long it took, verification included.</param>
public sealed record PassReport(string Pass, int LayersBefore, int LayersAfter, long Patches, TimeSpan Elapsed);

/// <summary>The network after a run of passes, and what each did.</summary>
/// <param name="Network">The network.</param>
/// <param name="Passes">One report per pass of the list, as far as they ran.</param>
/// <param name="Rounds">How often the list ran; the last round found nothing unless the run was stopped.</param>
public sealed record PassResult(Network Network, IReadOnlyList<PassReport> Passes, int Rounds);

/// <summary>
/// Runs a list of passes in order, verifies the network after each, and runs the list again until no pass finds anything:
/// what one pass leaves behind is another's work.
/// </summary>
public sealed class PassManager
{
    /// <summary>Takes the passes in the order in which they are to run; a pass may occur several times.</summary>
    public PassManager(params IReadOnlyList<IPass> passes) => Passes = passes;

    /// <summary>The passes, in order.</summary>
    public IReadOnlyList<IPass> Passes { get; }

    /// <summary>The name of the pass after which the run ends, or null; where it occurs several times, its first occurrence.</summary>
    public string? StopAfter { get; init; }

    /// <summary>Most rounds over the list; a list that still changes the network then does not come to an end.</summary>
    public int MaxRounds { get; init; } = 50;

    /// <summary>Sees the network after each pass of the first round, and after each that changes it in a later one.</summary>
    public Action<IPass, Network>? AfterPass { get; init; }

    /// <summary>Runs the passes.</summary>
    /// <exception cref="InvalidOptionException"><see cref="StopAfter"/> names no pass of the list.</exception>
    /// <exception cref="InvalidNetworkException">A pass broke the network; the message names it.</exception>
    /// <exception cref="ResourceLimitException">A pass, or the list, does not come to an end; the message names the culprit.</exception>
    public PassResult Run(Network network, PassContext? context = null)
    {
        context ??= new();
        if (StopAfter is not null) Require(StopAfter);
        var reports = new List<PassReport>();
        IPass? changed = null;
        int round = 0;
        for (; round == 0 || changed is not null; round++)
        {
            if (round == MaxRounds) throw new ResourceLimitException($"pass '{changed!.Name}' still changes network '{network.Name}' after {MaxRounds} rounds; it undoes another pass's work");
            changed = null;
            for (int i = 0; i < Passes.Count && !context.IsStopped; i++)
            {
                var result = Run(i, network, context, reports);
                if (!ReferenceEquals(result, network)) changed = Passes[i];
                if (round == 0 || changed == Passes[i]) AfterPass?.Invoke(Passes[i], result);
                network = result;
                if (Passes[i].Name == StopAfter) return new(network, reports, round + 1);
            }
        }
        return new(network, reports, round);
    }

    private Network Run(int index, Network network, PassContext context, List<PassReport> reports)
    {
        var pass = Passes[index];
        context.Cancellation.ThrowIfCancellationRequested();
        context.Progress?.Report(new(pass.Name, index, Passes.Count));
        var watch = Stopwatch.StartNew();
        (int layers, long patches) = (network.TotalLayerCount, context.Patches);
        var result = pass.Run(network, context);
        if (!ReferenceEquals(result, network)) Verify(pass, result);
        var report = new PassReport(pass.Name, layers, result.TotalLayerCount, context.Patches - patches, watch.Elapsed);
        if (index == reports.Count) reports.Add(report);
        else reports[index] = reports[index] with { Patches = reports[index].Patches + report.Patches, Elapsed = reports[index].Elapsed + report.Elapsed };
        return result;
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

using Strata.Compiler.Fidelity;

namespace Strata.Cli.Models;

/// <summary>Everything that <c>strata diff</c> shows of two files. Either outputs were compared, or <see cref="NotRun"/> says why not.</summary>
internal sealed record FileComparison(NetworkDescription First, NetworkDescription Second, NetworkDiff Diff, FidelityReport? Fidelity, ExecutionRoute Route, string? NotRun)
{
    /// <summary>How often each operator occurs on both sides, most frequent first.</summary>
    public IEnumerable<(string Operator, int First, int Second)> Operators
    {
        get
        {
            var (first, second) = (First.Operators.ToDictionary(), Second.Operators.ToDictionary());
            return first.Keys.Union(second.Keys).Select(o => (o, first.GetValueOrDefault(o), second.GetValueOrDefault(o)))
                .OrderByDescending(p => Math.Max(p.Item2, p.Item3)).ThenBy(p => p.o, StringComparer.Ordinal);
        }
    }

    /// <summary>Layers that store another number of bytes, largest change first.</summary>
    public IEnumerable<(LayerDifference Layer, long First, long Second)> BytesPerLayer =>
        Diff.Layers.Select(l => (l, l.First is null ? 0 : First.Layers[l.First.Id].Bytes, l.Second is null ? 0 : Second.Layers[l.Second.Id].Bytes))
            .Where(p => p.Item2 != p.Item3).OrderByDescending(p => Math.Abs(p.Item3 - p.Item2));
}

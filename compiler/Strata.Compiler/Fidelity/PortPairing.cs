namespace Strata.Compiler.Fidelity;

/// <summary>Which input or output of one network is which of another.</summary>
internal static class PortPairing
{
    /// <summary>Pairs positions of equal names; then, when as many are left on both sides, the rest in order. Those of the first side come first, in order.</summary>
    public static IReadOnlyList<(int? First, int? Second)> Pair(IReadOnlyList<string> first, IReadOnlyList<string> second)
    {
        var byName = second.Index().ToDictionary(p => p.Item, p => p.Index, StringComparer.Ordinal);
        var names = first.ToHashSet(StringComparer.Ordinal);
        var left = new Queue<int>(second.Index().Where(p => !names.Contains(p.Item)).Select(p => p.Index));
        bool inOrder = left.Count == first.Count(n => !byName.ContainsKey(n));
        List<(int?, int?)> pairs = [.. first.Index().Select(p => ((int?)p.Index, byName.TryGetValue(p.Item, out int same) ? same : inOrder ? left.Dequeue() : (int?)null))];
        return [.. pairs, .. left.Select(i => ((int?)null, (int?)i))];
    }
}

namespace Strata.Execution;

/// <summary>The plans used last, by shapes. Thread-safe.</summary>
internal sealed class PlanCache
{
    private const int Capacity = 128;

    private readonly List<Entry> entries = [];
    private readonly Lock gate = new();
    private long clock;

    /// <summary>The plan for a key, or null.</summary>
    public ExecutionPlan? Find(ReadOnlySpan<int> key)
    {
        int hash = Hash(key);
        lock (gate)
        {
            foreach (var entry in entries)
            {
                if (entry.Hash != hash || !key.SequenceEqual(entry.Key)) continue;
                entry.LastUse = ++clock;
                return entry.Plan;
            }
        }
        return null;
    }

    /// <summary>Keeps a plan; the one that was not used for the longest time gives way.</summary>
    public void Add(ReadOnlySpan<int> key, ExecutionPlan plan)
    {
        lock (gate)
        {
            if (entries.Count == Capacity) entries.Remove(entries.MinBy(e => e.LastUse)!);
            entries.Add(new() { Key = key.ToArray(), Hash = Hash(key), Plan = plan, LastUse = ++clock });
        }
    }

    private static int Hash(ReadOnlySpan<int> key)
    {
        int hash = key.Length;
        foreach (int part in key) hash = unchecked(hash * 31 + part);
        return hash;
    }

    private sealed class Entry
    {
        public required int[] Key { get; init; }

        public required int Hash { get; init; }

        public required ExecutionPlan Plan { get; init; }

        public long LastUse { get; set; }
    }
}

using System.Diagnostics;

namespace Strata.Execution;

/// <summary>How long the steps of a model's network took, bodies of a step included, over some runs. Not thread-safe.</summary>
internal sealed class RunProfile
{
    private readonly Dictionary<PlanStep, List<long>> ticks = new(ReferenceEqualityComparer.Instance);

    /// <summary>Notes a step that began at a timestamp and has just ended.</summary>
    public void Add(PlanStep step, long began)
    {
        long elapsed = Stopwatch.GetTimestamp() - began;
        if (!ticks.TryGetValue(step, out var list)) ticks[step] = list = [];
        list.Add(elapsed);
    }

    /// <summary>The median time of a step; null when it did not run.</summary>
    public TimeSpan? MedianOf(PlanStep step) => ticks.TryGetValue(step, out var list) ? Stopwatch.GetElapsedTime(0, list.Order().ElementAt(list.Count / 2)) : null;
}

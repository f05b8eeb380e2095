using System.Diagnostics;

namespace Strata.Cli.Bench;

/// <summary>How long one engine took. Runs are in the order in which they were timed.</summary>
/// <param name="Engine">What ran.</param>
/// <param name="Load">Reading and preparing the model.</param>
/// <param name="FirstRun">The first run, with all that engines put off until then.</param>
/// <param name="PeakMemory">By how many bytes both raised the process's resident memory at most; null where the system cannot tell.</param>
/// <param name="Runs">Latencies of the runs after the warm-up.</param>
internal sealed record BenchTimes(string Engine, TimeSpan Load, TimeSpan FirstRun, long? PeakMemory, IReadOnlyList<TimeSpan> Runs)
{
    public TimeSpan Median => Percentile(50);

    /// <summary>The latency that so many percent of the runs do not exceed (nearest rank).</summary>
    public TimeSpan Percentile(int percent) => Runs.Order().ElementAt(Math.Max(0, (Runs.Count * percent + 99) / 100 - 1));
}

/// <summary>Measures subjects in one process: each is loaded and run once for itself, then all run in turns.</summary>
internal sealed class Benchmark(Action<string, double?> report, CancellationToken cancel) : IDisposable
{
    private const int Turns = 10, FewestRuns = 5, MostRuns = 1000;
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(0.5), RunTime = TimeSpan.FromSeconds(2);

    private readonly List<(BenchSubject Subject, BenchTimes Cold, List<TimeSpan> Runs)> subjects = [];

    /// <summary>Loads a subject and runs it for the first time.</summary>
    public BenchSubject Add(string name, Func<BenchSubject> load)
    {
        report($"load {name}", null);
        BenchSubject? subject = null;
        TimeSpan loading = default, first = default;
        try
        {
            long? memory = ProcessMemory.Growth(() =>
            {
                loading = Time(() => subject = load());
                first = Time(() => subject!.Run(cancel));
            });
            subjects.Add((subject!, new(subject!.Engine, loading, first, memory, []), []));
            return subject;
        }
        catch
        {
            subject?.Dispose();
            throw;
        }
    }

    /// <summary>Runs all subjects in turns. Without a number, warm-up takes half a second and the runs two seconds of the first subject's time.</summary>
    public IReadOnlyList<BenchTimes> Run(int? warmUps, int? runs)
    {
        var estimate = TimeSpan.Zero;
        foreach (var (subject, cold, _) in subjects)
        {
            report($"warm up {cold.Engine}", null);
            var times = WarmUp(subject, warmUps);
            if (estimate == TimeSpan.Zero) estimate = times.Count == 0 ? cold.FirstRun : times[^1];
        }
        int wanted = runs ?? (int)Math.Clamp(RunTime / (estimate + TimeSpan.FromTicks(1)), FewestRuns, MostRuns);
        int turns = Math.Min(wanted, Turns);
        for (int turn = 0, done = 0; turn < turns; turn++)
        {
            int until = wanted * (turn + 1) / turns;
            foreach (var (subject, _, times) in subjects)
            {
                // Another engine's work has gone through the caches, and its threads may still be winding down.
                if (subjects.Count > 1) subject.Run(cancel);
                for (int i = done; i < until; i++)
                {
                    times.Add(Time(() => subject.Run(cancel)));
                    report("run", (double)i / wanted);
                }
            }
            done = until;
        }
        return [.. subjects.Select(s => s.Cold with { Runs = s.Runs })];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (subject, _, _) in subjects) subject.Dispose();
    }

    private List<TimeSpan> WarmUp(BenchSubject subject, int? count)
    {
        List<TimeSpan> times = [];
        var watch = Stopwatch.StartNew();
        while (count is { } wanted ? times.Count < wanted : times.Count < MostRuns && (times.Count == 0 || watch.Elapsed < WarmUpTime)) times.Add(Time(() => subject.Run(cancel)));
        return times;
    }

    private static TimeSpan Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start);
    }
}

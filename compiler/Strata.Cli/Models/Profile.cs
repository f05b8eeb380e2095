using System.Diagnostics;
using Strata.Execution;

namespace Strata.Cli.Models;

/// <summary>One step of a run: the layers that it computes together, its kernel (null: by reference), its median time, and the share in the time of all steps.</summary>
internal sealed record ProfiledStep(IReadOnlyList<Networks.Layer> Layers, string? Kernel, TimeSpan Time, double Share);

/// <summary>Where the time goes.</summary>
/// <param name="Open">Opening the model; an encoded network's weights are read when they are first needed.</param>
/// <param name="FirstRun">The first run, which also chooses kernels and reads and packs weights.</param>
/// <param name="Runs">Runs that were measured after that and a warm-up.</param>
/// <param name="Run">Their median.</param>
/// <param name="Steps">Steps in the order of the network; none of a model that runs by reference.</param>
internal sealed record Profile(TimeSpan Open, TimeSpan FirstRun, int Runs, TimeSpan Run, IReadOnlyList<ProfiledStep> Steps)
{
    private const int WarmUps = 20, MostRuns = 100;
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(0.5), RunTime = TimeSpan.FromSeconds(2);

    /// <summary>Runs a session, which has run once, again and again.</summary>
    public static Profile Of(Session session, TimeSpan open, TimeSpan firstRun, RunOptions bounds)
    {
        Time(session, WarmUps, WarmUpTime, bounds);
        var profile = session.StartProfile();
        var times = Time(session, MostRuns, RunTime, bounds);
        var steps = session.Plans.SelectMany(p => p.Steps).Where(s => !s.Layers.IsEmpty).Select(s => (Step: s, Time: profile?.MedianOf(s) ?? TimeSpan.Zero)).ToArray();
        var sum = steps.Aggregate(TimeSpan.Zero, (total, s) => total + s.Time);
        return new(open, firstRun, times.Length, times[times.Length / 2], [.. steps.Select(s => new ProfiledStep(s.Step.Layers, s.Step.KernelName, s.Time, sum == TimeSpan.Zero ? 0 : s.Time / sum))]);
    }

    // Ascending.
    private static TimeSpan[] Time(Session session, int most, TimeSpan limit, RunOptions bounds)
    {
        List<TimeSpan> times = [];
        for (var watch = Stopwatch.StartNew(); times.Count == 0 || times.Count < most && watch.Elapsed < limit;)
        {
            long began = Stopwatch.GetTimestamp();
            session.Run(bounds);
            times.Add(Stopwatch.GetElapsedTime(began));
        }
        return [.. times.Order()];
    }
}

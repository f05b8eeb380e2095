using System.Diagnostics;
using System.Globalization;

namespace Strata.Fuzz;

/// <summary>How long to run and where to keep what comes of it.</summary>
internal sealed record FuzzOptions
{
    public int Seed { get; init; } = 1;

    public long Executions { get; init; } = long.MaxValue;

    public TimeSpan Time { get; init; } = TimeSpan.MaxValue;

    /// <summary>A folder of inputs that only grows; new ones are written there.</summary>
    public string? Corpus { get; init; }

    /// <summary>Where finds are written; null keeps them out of the file system.</summary>
    public string? Finds { get; init; }

    /// <summary>Stops at the first find.</summary>
    public bool StopAtFind { get; init; }

    /// <summary>Hears of progress, at times.</summary>
    public Action<string>? Report { get; init; }
}

/// <summary>What a run came to.</summary>
internal sealed record FuzzReport(string Target, long Executions, long Accepted, TimeSpan Time, TimeSpan Processor, int Inputs, int Signals, IReadOnlyList<string> Finds)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Target}: {Executions} executions, {Accepted} accepted by both, in {Time.TotalSeconds:0.0} s, {Processor.TotalSeconds:0.0} s of processor time ({Executions / Math.Max(1e-3, Time.TotalSeconds):0} per second), {Inputs} inputs, {Signals} ways, {Finds.Count} finds");
}

/// <summary>Takes an input, damages it, executes it, and looks at what happened. The same seed does the same.</summary>
internal static class Fuzzer
{
    private const int MostFinds = 100;

    public static FuzzReport Run(FuzzTarget target, FuzzOptions options)
    {
        var random = new Random(options.Seed);
        var corpus = new Corpus(options.Corpus) { IsDear = target.IsDear };
        foreach (byte[] seed in target.SeedsOf(options.Seed)) corpus.AddSeed(seed);
        var finds = new List<string>();
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        var clock = Stopwatch.StartNew();
        var processor = Environment.CpuUsage.TotalTime;
        long done = 0, accepted = 0, nextReport = 10;
        using var watchdog = new Watchdog(input => Write(options, target, input, "hang"));

        void Execute(byte[] input, bool isKnown)
        {
            var (outcome, find) = Watch(target, input, watchdog);
            done++;
            if (outcome.IsAccepted) accepted++;
            if (isKnown) corpus.Note(input, outcome);
            else corpus.Offer(input, outcome);
            if (find is null) return;
            string kind = new([.. find.Split('\n')[0].Where(c => !char.IsDigit(c))]);
            if (!kinds.Add(kind) || finds.Count >= MostFinds) return;
            string path = Write(options, target, input, $"{options.Seed}-{done}");
            finds.Add($"execution {done}: {find}{(path == "" ? "" : $"\n  dotnet run -c Release --project tests/Strata.Fuzz -- --target {target.Name} --reproduce {path}")}");
        }

        int known = corpus.Count;
        for (int i = 0; i < known; i++) Execute(corpus[i], isKnown: true);
        byte[] scratch = corpus.Pick(random);
        while (done < options.Executions && !(options.StopAtFind && finds.Count > 0))
        {
            if ((done & 255) == 0)
            {
                if (clock.Elapsed > options.Time) break;
                if (options.Report is not null && clock.Elapsed.TotalSeconds > nextReport)
                {
                    options.Report(new FuzzReport(target.Name, done, accepted, clock.Elapsed, Environment.CpuUsage.TotalTime - processor, corpus.Count, corpus.Signals, finds).ToString());
                    nextReport = (long)clock.Elapsed.TotalSeconds + 60;
                }
            }
            // A few changes of one input follow each other now and then, so that damage adds up.
            scratch = target.Mutate(random.Next(4) == 0 ? scratch : corpus.Pick(random), corpus, random);
            Execute(scratch, isKnown: false);
        }
        return new(target.Name, done, accepted, clock.Elapsed, Environment.CpuUsage.TotalTime - processor, corpus.Count, corpus.Signals, finds);
    }

    /// <summary>Executes one input and says what is wrong, or null.</summary>
    public static string? Reproduce(FuzzTarget target, byte[] input)
    {
        using var watchdog = new Watchdog(_ => "");
        return Watch(target, input, watchdog).Find;
    }

    private static (Outcome Outcome, string? Find) Watch(FuzzTarget target, byte[] input, Watchdog watchdog)
    {
        watchdog.Begin(input);
        long start = Stopwatch.GetTimestamp();
        var outcome = target.Execute(input);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        watchdog.End();
        if (outcome.Find is not null) return (outcome, outcome.Find);
        if (target.RuntimeBytes > target.MostBytes(input)) return (outcome, $"an input of {input.Length} bytes allocates {target.RuntimeBytes}, allowed are {target.MostBytes(input)}");
        // A pause of the machine does not repeat itself.
        for (int i = 0; i < 3 && seconds > target.MostSeconds(input); i++)
        {
            start = Stopwatch.GetTimestamp();
            target.Execute(input);
            seconds = Math.Min(seconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return (outcome, seconds > target.MostSeconds(input) ? $"an input of {input.Length} bytes takes {seconds.ToString("0.000", CultureInfo.InvariantCulture)} s" : null);
    }

    private static string Write(FuzzOptions options, FuzzTarget target, byte[] input, string name)
    {
        if (options.Finds is null) return "";
        Directory.CreateDirectory(options.Finds);
        string path = Path.Combine(options.Finds, $"{target.Name}-{name}.bin");
        File.WriteAllBytes(path, input);
        return path;
    }

    /// <summary>Ends the process when an execution does not end, after writing its input.</summary>
    private sealed class Watchdog : IDisposable
    {
        private const int Seconds = 60;

        private readonly Timer timer;
        private byte[]? input;
        private int age;

        public Watchdog(Func<byte[], string> write)
        {
            timer = new(_ =>
            {
                if (Volatile.Read(ref input) is not { } late || Interlocked.Increment(ref age) < Seconds) return;
                Environment.FailFast($"an execution has not ended after {Seconds} s; its input: {write(late)}");
            }, null, 1000, 1000);
        }

        public void Begin(byte[] next)
        {
            age = 0;
            Volatile.Write(ref input, next);
        }

        public void End() => Volatile.Write(ref input, null);

        public void Dispose() => timer.Dispose();
    }
}

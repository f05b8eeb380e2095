using Strata.Cli.Bench;
using Strata.Tensors;

namespace Strata.Tests.Cli;

public class BenchmarkTests
{
    /// <summary>Nearest rank: the smallest time that at least so many percent of the times do not exceed.</summary>
    [Theory]
    [InlineData(1, 50, 1)]
    [InlineData(1, 90, 1)]
    [InlineData(5, 50, 3)]
    [InlineData(10, 50, 5)]
    [InlineData(10, 90, 9)]
    [InlineData(11, 90, 10)]
    public void PercentilesAreNearestRanks(int count, int percent, int rank)
    {
        // In falling order, so that sorting matters.
        var times = new BenchTimes("", default, default, null, [.. Enumerable.Range(1, count).Reverse().Select(i => TimeSpan.FromSeconds(i))]);
        Assert.Equal(TimeSpan.FromSeconds(rank), times.Percentile(percent));
    }

    [Fact]
    public void SubjectsTakeTurns()
    {
        List<string> order = [];
        using var benchmark = new Benchmark((_, _) => { }, default);
        benchmark.Add("a", () => new Fake("a", order));
        benchmark.Add("b", () => new Fake("b", order));
        Assert.Equal(["a", "b"], order);
        var times = benchmark.Run(warmUps: 1, runs: 12);
        Assert.All(times, t => Assert.Equal(12, t.Runs.Count));
        // One warm-up each, then ten turns in which the first run of each is not timed.
        Assert.Equal(2 + 2 + 2 * (12 + 10), order.Count);
        Assert.Equal("aabb", string.Concat(order.Skip(4).Take(4)));
    }

    [Fact]
    public void OneSubjectRunsAsOftenAsAsked()
    {
        List<string> order = [];
        using var benchmark = new Benchmark((_, _) => { }, default);
        benchmark.Add("a", () => new Fake("a", order));
        Assert.Equal(3, Assert.Single(benchmark.Run(warmUps: 0, runs: 3)).Runs.Count);
        Assert.Equal(1 + 3, order.Count);
    }

    private sealed class Fake(string name, List<string> order) : BenchSubject
    {
        public override string Engine => name;

        public override void Run(CancellationToken cancel) => order.Add(name);

        public override IReadOnlyList<RuntimeValue> Outputs() => [];

        public override void Dispose()
        {
        }
    }
}

using Strata.Cli.Bench;
using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
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

    /// <summary>Two operations a multiply-add, one for each other result; what is fused and where weights lie does not matter.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WorkIsCountedByHand(bool byReference)
    {
        var builder = new NetworkBuilder("work");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [1, 4, 6, 6]));
        var y = builder.Add(new Conv { Group = 2 }, x, builder.Constant(Tensor.From<float>([8, 2, 3, 3], new float[144])));
        y = byReference ? builder.Add(new Hardmax(), y) : builder.Add(new Relu(), y);
        y = builder.Add(new Reshape(), y, builder.Constant(Tensor.Vector(4L, 32L)));
        builder.Output("y", builder.Add(new MatMul(), y, builder.Constant(Tensor.From<float>([32, 5], new float[160]))));
        using var model = Model.Of(builder.Build());
        using var session = model.CreateSession();
        session.SetInput<float>("x", new float[144], 1, 4, 6, 6);
        session.Run();
        Assert.Equal(2 * 128 * 18 + 128 + 2 * 20 * 32, NetworkWork.Of(session.Plans));
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

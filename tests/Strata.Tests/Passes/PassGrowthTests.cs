using Strata.Benchmarks;
using Strata.Compiler.Pipeline;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Tensors;
using Xunit.Abstractions;

namespace Strata.Tests.Passes;

/// <summary>The work of the passes grows with the layers of a network and no faster: counted, not timed.</summary>
public class PassGrowthTests(ITestOutputHelper log)
{
    // Ten times the layers: linear work is ten times as much, work of n · log n up to 14 times.
    private const double MostGrowth = 14;

    [Fact]
    public void OverAChainWithWorkForEachPass() => AssertLinear(PassChain.Build);

    /// <summary>What the layers of a chain are: each rule that merges neighbours has one.</summary>
    public enum Kind
    {
        Copies, Negations, Additions, Products, Transposes, Reshapes, Casts, Clips, Pads, Slices, Concats, Tanhs, Residuals, TransposedTanhs, Branches,
    }

    public static TheoryData<Kind> Kinds => [.. Enum.GetValues<Kind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void OverAChainOfOneKind(Kind kind) => AssertLinear(layers => Chain(kind, layers));

    private void AssertLinear(Func<int, Network> chain)
    {
        Work[] work = [.. new[] { 100, 1_000, 10_000 }.Select(layers => Optimize(chain(layers)))];
        foreach (var w in work) log.WriteLine($"{w.Layers} layers: {w.Visits} visits, {w.Patches} patches, {w.Bytes} bytes, {w.Rounds} rounds, {w.Left} layers left");
        foreach (var (less, more) in work.Zip(work.Skip(1)))
        {
            Assert.InRange(more.Visits, 0, MostGrowth * less.Visits);
            Assert.InRange(more.Patches, 0, MostGrowth * Math.Max(1, less.Patches));
            Assert.InRange(more.Bytes, 0, MostGrowth * less.Bytes);
        }
    }

    private sealed record Work(int Layers, long Visits, long Patches, long Bytes, int Rounds, int Left);

    // Bytes allocated stand for the work within rules, which visits do not count.
    private static Work Optimize(Network network)
    {
        var context = new PassContext();
        long before = GC.GetAllocatedBytesForCurrentThread();
        var result = new PassManager(Pipelines.Default).Run(network, context);
        return new(network.TotalLayerCount, context.Visits, context.Patches, GC.GetAllocatedBytesForCurrentThread() - before, result.Rounds, result.Network.TotalLayerCount);
    }

    private static Network Chain(Kind kind, int layers)
    {
        var builder = new NetworkBuilder("chain");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [2, 3, 40_000]));
        var condition = builder.Input("c", new TensorType(ElementType.Bool, []));
        Value Scalar(float value) => builder.Constant(Tensor.Scalar(value));
        Value Ints(params long[] values) => builder.Constant(Tensor.Vector<long>(values));
        for (int i = 0; builder.Layers.Count < layers; i++)
        {
            x = kind switch
            {
                Kind.Copies => builder.Add(new Identity(), x),
                Kind.Negations => builder.Add(new Neg(), x),
                Kind.Additions => builder.Add(new Add(), x, Scalar(1 + i % 7)),
                Kind.Products => builder.Add(new Mul(), x, Scalar(i % 2 == 0 ? 2 : 0.5f)),
                Kind.Transposes => builder.Add(new Transpose { Perm = i % 2 == 0 ? [1, 0, 2] : [0, 2, 1] }, x),
                Kind.Reshapes => builder.Add(new Reshape(), x, i % 2 == 0 ? Ints(6, 40_000) : Ints(2, 3, 40_000)),
                Kind.Casts => builder.Add(new Cast { To = i % 2 == 0 ? ElementType.Float64 : ElementType.Float32 }, x),
                Kind.Clips => builder.Add(new Clip(), x, Scalar(-100f + i % 50), Scalar(100f - i % 50)),
                Kind.Pads => builder.Add(new Pad(), x, Ints(0, 0, 0, 0, 0, 1)),
                Kind.Slices => builder.Add(new Slice(), x, Ints(1), Ints(int.MaxValue), Ints(2)),
                Kind.Concats => builder.Add(new Concat { Axis = 2 }, x, builder.Constant(Tensor.From<float>([2, 3, 1], [1, 2, 3, 4, 5, 6]))),
                Kind.Tanhs => builder.Add(new Tanh(), x),
                Kind.Residuals => builder.Add(new Add(), x, builder.Add(new Tanh(), x)),
                Kind.TransposedTanhs => builder.Add(new Tanh(), builder.Add(new Transpose { Perm = [1, 0, 2] }, x)),
                _ => builder.Add(new Where(), condition, x, builder.Add(new Exp(), builder.Add(new Reshape(), builder.Add(new Reshape(), x, Ints(6, 40_000)), Ints(2, 3, 40_000)))),
            };
        }
        builder.Output("y", x);
        return builder.Build();
    }
}

using Strata.Compiler.Fidelity;
using Strata.Execution;
using Strata.Kernels;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.Properties;

namespace Strata.Tests.Execution;

/// <summary>What the engine computes is what the interpreter computes.</summary>
public class EngineTests
{
    private static readonly Tolerance Close = new(1e-4, 1e-6, 1e-5);

    /// <summary>Each operator by itself: kernels differ from the reference by roundings only.</summary>
    [Fact]
    public void EveryOperatorGivesWhatTheInterpreterGives()
    {
        var failures = new List<string>();
        for (int row = 0; row < OperatorDraw.All.Count; row++)
        {
            for (int i = 0; i < 8; i++)
            {
                int seed = 700_000 + 10 * row + i;
                var drawn = NetworkGenerator.Create(seed, 1, [OperatorDraw.All[row]]);
                if (Difference(drawn.Network, drawn.Inputs) is { } difference) failures.Add($"{OperatorDraw.All[row].Name}, seed {seed}: {difference}");
            }
        }
        Assert.True(failures.Count == 0, string.Join("\n", failures.Take(20)));
    }

    public static TheoryData<string> Functions => ["add", "sub", "mul", "div", "max", "min", "prelu"];

    [Theory]
    [MemberData(nameof(Functions))]
    public void OperandsBroadcastInEveryPattern(string name)
    {
        int[][] shapes = [[], [1], [17], [1, 17], [5, 1], [5, 17], [3, 1, 1], [3, 5, 1], [3, 1, 17], [1, 5, 17], [3, 5, 17], [2, 1, 5, 1], [0], [3, 0, 17], [1, 40_000]];
        var op = OperatorCatalog.Standard.Rows.First(r => r.Name == name).Prototype;
        foreach (int[] left in shapes)
        {
            foreach (int[] right in shapes)
            {
                if (!Fits(left, right) || name == "prelu" && !Fits(left, right, oneWay: true)) continue;
                var inputs = new[] { Draw(1, left), Draw(2, right) };
                Assert.Null(Difference(Single(op, inputs), inputs));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(4_099)]
    [InlineData(70_001)]
    public void FunctionsHandleEveryLengthAndSpecialNumbers(int length)
    {
        foreach (var row in OperatorCatalog.Standard.Rows.Where(r => r.Prototype is Unary and not (Not or BitwiseNot)))
        {
            Tensor[] inputs = [Draw(3, length)];
            Assert.True(Difference(Single(row.Prototype, inputs), inputs) is null, $"{row.Name}: {Difference(Single(row.Prototype, inputs), inputs)}");
        }
    }

    [Fact]
    public void ElementwiseLayersJoinTheKernelBeforeThem()
    {
        var random = new Random(1);
        Tensor[] inputs = [Numbers(random, 7, 33), Numbers(random, 33), Numbers(random, 7, 33), Numbers(random, 33, 20), Numbers(random, 20)];
        var builder = new NetworkBuilder("fused");
        var values = inputs.Select((t, i) => builder.Input($"x{i}", TensorType.Of(t))).ToArray();
        var scaled = builder.Add(new Relu(), builder.Add(new Add(), builder.Add(new Mul(), values[0], values[1]), values[2]));
        builder.Output("y", builder.Add(new Sigmoid(), builder.Add(new Add(), builder.Add(new MatMul(), scaled, values[3]), values[4])));
        var network = builder.Build();
        Assert.Null(Difference(network, inputs));

        using var model = Model.Of(network);
        using var session = model.CreateSession();
        var plan = Planned(session, network, inputs);
        Assert.Equal(2, plan.Steps.Length);
        Assert.All(plan.Steps, s => Assert.IsType<KernelStep>(s));
    }

    [Fact]
    public void SteadyRunsAllocateNothing()
    {
        var builder = new NetworkBuilder("steady");
        Dim n = Dim.Symbol("n");
        var x = builder.Input("x", new TensorType(ElementType.Float32, Shape.Create(n, 24)));
        var w = builder.Constant(Numbers(new Random(2), 24, 24));
        var y = builder.Add(new Relu(), builder.Add(new MatMul(), x, w));
        y = builder.Add(new Transpose { Perm = [1, 0] }, builder.Add(new Add(), builder.Add(new Tanh(), y), x));
        builder.Output("y", builder.Add(new ReduceMean(), y));
        using var model = Model.Of(builder.Build());
        using var session = model.CreateSession();
        var lengths = Enumerable.Range(1, 64).Select(i => new float[i * 24]).ToArray();
        long allocated = 0;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < lengths.Length; i++) Run(i);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(0, allocated);

        void Run(int i)
        {
            session.SetInput<float>("x", lengths[i], i + 1, 24);
            session.Run();
            _ = session.GetOutput<float>("y");
        }
    }

    [Fact]
    public void ResultsDoNotDependOnThreads()
    {
        var random = new Random(3);
        Tensor[] inputs = [Numbers(random, 300, 200), Numbers(random, 200, 400)];
        var builder = new NetworkBuilder("threads");
        var values = inputs.Select((t, i) => builder.Input($"x{i}", TensorType.Of(t))).ToArray();
        builder.Output("y", builder.Add(new ReduceSum { KeepDims = false }, builder.Add(new Gelu(), builder.Add(new MatMul(), values[0], values[1])), builder.Constant(Tensor.Vector(0L))));
        var network = builder.Build();
        Assert.True(Run(1).BitEquals(Run(Environment.ProcessorCount)));

        Tensor Run(int threads)
        {
            using var model = Model.Of(network, new LoadOptions { Threads = threads });
            using var session = model.CreateSession();
            Planned(session, network, inputs);
            return (Tensor)session.GetOutput("y");
        }
    }

    [Fact]
    public void StoredCodesAreWeightsToKernels()
    {
        var random = new Random(4);
        var builder = new NetworkBuilder("codes");
        var x = builder.Input("x", new TensorType(ElementType.Float32, Shape.Create(Dim.Symbol("n"), 64)));
        var codes = builder.Constant(Tensor.FromInt64s(ElementType.Int4, [48, 64], [.. Enumerable.Range(0, 48 * 64).Select(_ => random.NextInt64(-8, 8))]));
        var w = builder.Add(new DequantizeLinear { Axis = 1, BlockSize = 32 }, codes, builder.Constant(Numbers(random, 48, 2)));
        builder.Output("y", builder.Add(new MatMul(), x, builder.Add(new Transpose { Perm = [1, 0] }, w)));
        var network = builder.Build();
        using var model = Model.Of(network);
        using var session = model.CreateSession();
        foreach (int n in (int[])[3, 1, 20])
        {
            Tensor[] inputs = [Numbers(random, n, 64)];
            var plan = Planned(session, network, inputs);
            var step = Assert.IsType<KernelStep>(Assert.Single(plan.Steps));
            Assert.False(step.Kernel.Reads(1));
            Assert.Equal(2, plan.FoldedLayers);
            Assert.Null(ValueComparison.Difference(session.GetOutput("y"), new Interpreter(network).Run(inputs)[0], Close));
        }
    }

    public static TheoryData<string> Bounds => ["none", "relu", "clip", "shifted relu", "two consumers", "other bias", "product"];

    /// <summary>All scales are powers of two, so that neither way rounds before the codes.</summary>
    [Theory]
    [MemberData(nameof(Bounds))]
    public void WhatIsDequantisedAndQuantisedAgainIsALayerOfCodes(string kind)
    {
        var random = new Random(6);
        var builder = new NetworkBuilder("codes");
        bool isProduct = kind == "product";
        int[] dims = isProduct ? [6, 40] : [1, 5, 9, 8], filters = isProduct ? [40, 7] : [7, 5, 3, 3];
        var codes = builder.Input("x", new TensorType(ElementType.UInt8, Shape.Of(dims)));
        Value scale = Constant(0.125f), zero = builder.Constant(Tensor.Scalar<byte>(9));
        var x = builder.Add(new DequantizeLinear(), codes, scale, zero);
        float[] steps = [.. Enumerable.Range(0, 7).Select(i => MathF.ScaleB(1, -i - 3))];
        var w = builder.Add(new DequantizeLinear { Axis = isProduct ? 1 : 0 }, builder.Constant(Codes(filters)), builder.Constant(Tensor.Vector<float>(steps)));
        var bias = builder.Add(new DequantizeLinear { Axis = 0 }, builder.Constant(Tensor.FromInt64s(ElementType.Int32, [7], [.. steps.Select(_ => random.NextInt64(-900, 900))])),
            builder.Constant(Tensor.Vector<float>(Array.ConvertAll(steps, s => s * (kind == "other bias" ? 0.3f : 0.125f)))));
        var y = isProduct ? builder.Add(new MatMul(), x, w) : builder.Add(new Conv { Window = new() { Pads = [1, 1, 1, 1] } }, x, w, bias);
        if (kind is "relu" or "shifted relu" or "two consumers" or "other bias") y = builder.Add(new Relu(), y);
        if (kind == "clip") y = builder.Add(new Clip(), y, Constant(0), Constant(64));
        if (kind == "two consumers") builder.Output("other", y);
        var quantized = builder.Add(new QuantizeLinear(), y, Constant(0.25f), builder.Constant(Tensor.Scalar<byte>((byte)(kind is "shifted relu" or "none" or "product" ? 100 : 0))));
        builder.Output("y", quantized);
        var network = builder.Build();
        using var model = Model.Of(network);
        using var session = model.CreateSession();
        Tensor[] inputs = [Tensor.FromInt64s(ElementType.UInt8, dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => random.NextInt64(256))])];
        var plan = Planned(session, network, inputs);
        bool fuses = kind is "none" or "relu" or "clip" or "product";
        Assert.Equal(fuses, plan.Steps is [KernelStep { Row.Name: var name }] && name.StartsWith("qlinear", StringComparison.Ordinal));
        Assert.True(((Tensor)session.GetOutput("y")).BitEquals((Tensor)new Interpreter(network).Run(inputs)[network.Outputs.Length - 1]!));

        Value Constant(float number) => builder.Constant(Tensor.Scalar(number));
        Tensor Codes(int[] shape) => Tensor.FromInt64s(ElementType.Int8, shape, [.. Enumerable.Range(0, Tensor.CountOf(shape)).Select(_ => random.NextInt64(-128, 128))]);
    }

    [Fact]
    public void RowsHaveNamesOfTheirOwn() => Assert.Equal(KernelTable.Rows.Count, KernelTable.Rows.Select(r => r.Name).Distinct(StringComparer.Ordinal).Count());

    private static ExecutionPlan Planned(Session session, Network network, IReadOnlyList<RuntimeValue?> inputs)
    {
        for (int i = 0; i < inputs.Count; i++) session.SetInput(network.Inputs[i].Name, inputs[i]!);
        session.Run();
        return session.Plans[0];
    }

    // Twice: the second run finds plans and memory of the first.
    private static string? Difference(Network network, IReadOnlyList<RuntimeValue?> inputs)
    {
        var expected = new Interpreter(network).Run(inputs);
        using var model = Model.Of(network);
        using var session = model.CreateSession();
        Planned(session, network, inputs);
        session.Run();
        for (int i = 0; i < expected.Count; i++)
        {
            if (ValueComparison.Difference(session.GetOutput(network.Outputs[i].Name), expected[i], Close) is { } difference) return $"output {i}: {difference}";
        }
        return null;
    }

    private static Network Single(Operator op, Tensor[] inputs)
    {
        var builder = new NetworkBuilder("single");
        builder.Output("y", builder.Add(op, inputs.Select((t, i) => builder.Input($"x{i}", TensorType.Of(t))).ToArray()));
        return builder.Build();
    }

    private static bool Fits(int[] left, int[] right, bool oneWay = false)
    {
        if (oneWay && right.Length > left.Length) return false;
        for (int i = 1; i <= Math.Min(left.Length, right.Length); i++)
        {
            if (left[^i] != right[^i] && right[^i] != 1 && (oneWay || left[^i] != 1)) return false;
        }
        return true;
    }

    private static Tensor Draw(int seed, params int[] dims)
    {
        float[] special = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0, -0f, float.Epsilon, float.MaxValue, -1, 1];
        var random = new Random(seed);
        var tensor = Numbers(random, dims);
        var values = tensor.MutableSpan<float>();
        for (int i = 0; i < values.Length; i++)
        {
            if (random.Next(6) == 0) values[i] = special[random.Next(special.Length)];
        }
        return tensor;
    }

    private static Tensor Numbers(Random random, params int[] dims)
    {
        var tensor = Tensor.Zeros(ElementType.Float32, dims);
        foreach (ref float value in tensor.MutableSpan<float>()) value = random.NextSingle() * 4 - 2;
        return tensor;
    }
}

using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Strata.Compiler.Frontend.Onnx;
using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Passes.Decomposition;
using Strata.Tensors;

namespace Strata.Benchmarks;

/// <summary>
/// Transposed convolutions, layer by layer: as planned, against zeros between inputs and a convolution by our own kernels, against scattering,
/// and against ONNX Runtime where it is there. Networks of one layer run in turn; figures are medians. Layers are those of U-Net at 512² and DCGAN, and
/// of the given models, with 10 MFLOP and more and windows no smaller than steps; those with steps of 1 too, whatever their size.
/// </summary>
internal static class TransposedSuite
{
    private const double LeastOperations = 10e6;
    private const int Rounds = 41;

    public static void Run(string[] models)
    {
        Case[] cases =
        [
            .. new[] { (1024, 32), (512, 64), (256, 128), (128, 256) }.Select(l => Square("unet", l.Item1, l.Item1 / 2, 2, 2, 0, l.Item2)),
            Square("dcgan", 100, 512, 4, 1, 0, 1), Square("dcgan", 512, 256, 4, 2, 1, 4), Square("dcgan", 256, 128, 4, 2, 1, 8), Square("dcgan", 128, 64, 4, 2, 1, 16), Square("dcgan", 64, 3, 4, 2, 1, 32),
            .. models.SelectMany(Layers),
        ];
        Console.WriteLine($"transposed convolutions, medians of {Rounds} in turn: ours, then how much longer zeros between inputs and a convolution, scattering, ONNX Runtime take");
        foreach (int threads in new[] { 1, 2 })
        {
            foreach (var layer in cases.Where(c => c.IsMeasured)) Measure(layer, threads);
        }
    }

    private sealed record Case(string Name, ConvTranspose Operator, int[] Input, int[] Weights)
    {
        public int Axes => Input.Length - 2;

        public int[] Output => [Input[0], Weights[1] * (int)Operator.Group, .. Enumerable.Range(0, Axes).Select(d => (int)Operator.Resolve(d, Axes, Input[d + 2], Weights[d + 2]).Output)];

        private double Operations => 2.0 * Tensor.CountOf(Weights) * Input[0] * Tensor.CountOf(Input.AsSpan(2));

        private bool HasSteps => Enumerable.Range(0, Axes).All(d => Operator.Window.Stride(d) >= 2 || Input[d + 2] == 1 && Output[d + 2] == 1);

        public bool IsMeasured => HasSteps ? Operations >= LeastOperations && Enumerable.Range(0, Axes).All(d => Weights[d + 2] >= Operator.Window.Stride(d)) : Enumerable.Range(0, Axes).All(d => Operator.Window.Stride(d) == 1);

        public override string ToString() => $"{Name,-12} [{string.Join(",", Input)}] w [{string.Join(",", Weights)}] step {string.Join("×", Enumerable.Range(0, Axes).Select(Operator.Window.Stride))}{(Operator.Group > 1 ? $" group {Operator.Group}" : "")}, {Operations / 1e6:F1} MFLOP";
    }

    private static Case Square(string name, int channels, int filters, int kernel, int stride, int pad, int size) =>
        new(name, new() { Window = new() { Strides = [stride, stride], Pads = [pad, pad, pad, pad] } }, [1, channels, size, size], [channels, filters, kernel, kernel]);

    private static IEnumerable<Case> Layers(string path)
    {
        using var model = OnnxModel.Load(path);
        var open = OnnxImporter.Import(model);
        var symbols = open.Inputs.SelectMany(i => i.Type is TensorType { Shape: { } shape } ? shape.Where(d => d.Constant is null).Select(d => d.ToString()) : []).Distinct();
        var network = new PassManager(Compiler.Pipeline.Pipelines.Default).Run(OnnxImporter.Import(model, new ImportOptions { Dims = symbols.ToImmutableDictionary(s => s, _ => 1L) })).Network;
        string name = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return [.. network.Layers.Where(l => l.Operator is ConvTranspose && l.Inputs.Take(2).All(i => i!.Type is TensorType { Shape.Constant: not null }))
            .Select(l => new Case(name, (ConvTranspose)l.Operator, l.Inputs[0]!.TensorType.Shape!.Constant!, l.Inputs[1]!.TensorType.Shape!.Constant!)).DistinctBy(c => c.ToString())];
    }

    private static void Measure(Case layer, int threads)
    {
        var plain = Network(layer, layer.Operator);
        using var ours = new Timed(plain, threads);
        using var zeros = new Timed(ZerosBetween(layer), threads);
        using var scatter = new Timed(Network(layer, layer.Operator with { Method = ConvTransposeMethod.Scatter }), threads);
        List<Action> runs = [ours.Run, zeros.Run, scatter.Run];
#if HAVE_ONNXRUNTIME
        using var session = new OnnxRuntime.OnnxRuntimeSession(OnnxExporter.Export(plain), new OnnxRuntime.OnnxRuntimeOptions { Threads = threads });
        using var binding = session.Bind(new Dictionary<string, OnnxRuntime.OnnxRuntimeValue> { ["x"] = new OnnxRuntime.OnnxRuntimeTensor(1, [.. layer.Input.Select(d => (long)d)], Random(layer.Input, 1).Bytes.ToArray()) });
        runs.Add(binding.Run);
#endif
        var times = runs.Select(_ => new List<double>()).ToArray();
        foreach (var run in runs) run();
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < runs.Count; i++)
            {
                long start = Stopwatch.GetTimestamp();
                runs[i]();
                times[i].Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }
        }
        double[] medians = [.. times.Select(t => t.Order().ElementAt(t.Count / 2))];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{threads} thread{(threads > 1 ? "s" : " ")}  {layer,-80} {medians[0],10:F1} µs {string.Concat(medians.Skip(1).Select(m => $"{m / medians[0],8:F2}"))}"));
    }

    private static Network Network(Case layer, ConvTranspose op)
    {
        var builder = new NetworkBuilder("layer");
        var x = builder.Input("x", new TensorType(ElementType.Float32, Shape.Of(layer.Input)));
        builder.Output("y", builder.Add(op, x, builder.Constant(Random(layer.Weights, 2), "w"), builder.Constant(Random([layer.Output[1]], 3), "b")));
        return builder.Build();
    }

    // Inputs a step apart with zeros between, and the convolution with the filter turned around.
    private static Network ZerosBetween(Case layer)
    {
        long[] steps = [.. Enumerable.Range(0, layer.Axes).Select(layer.Operator.Window.Stride)];
        var builder = new NetworkBuilder("zeros");
        var x = builder.Input("x", new TensorType(ElementType.Float32, Shape.Of(layer.Input)));
        var apart = steps.All(s => s == 1) ? x : builder.Add(new Interleave { Strides = [.. steps], Trim = [.. steps.Select(s => s - 1)] }, x);
        long[] begin = [.. steps.Select((_, d) => layer.Operator.Resolve(d, layer.Axes, layer.Input[d + 2], layer.Weights[d + 2]).Begin)];
        long[] end = [.. steps.Select((s, d) => s * (layer.Input[d + 2] - 1) + (layer.Weights[d + 2] - 1) * layer.Operator.Window.Dilation(d) + 1 - begin[d] - layer.Output[d + 2])];
        var op = new ConvTranspose { Group = layer.Operator.Group, Window = new() { Dilations = layer.Operator.Window.Dilations, Pads = [.. begin, .. end] } };
        builder.Output("y", builder.Add(op, apart, builder.Constant(Random(layer.Weights, 2), "w"), builder.Constant(Random([layer.Output[1]], 3), "b")));
        return new PassManager(new RulePass("turn", "", new ConvTransposeSplit())).Run(builder.Build()).Network;
    }

    private static Tensor Random(int[] dims, int seed)
    {
        var random = new Random(seed);
        return Tensor.From<float>(dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => random.NextSingle() - 0.5f)]);
    }

    private sealed class Timed : IDisposable
    {
        private readonly Model model;
        private readonly Session session;

        public Timed(Network network, int threads)
        {
            model = Model.Of(network, new LoadOptions { Threads = threads });
            session = model.CreateSession();
            session.SetInput("x", Random(network.Inputs[0].TensorType.Shape!.Constant!, 1));
        }

        public void Run() => session.Run();

        public void Dispose()
        {
            session.Dispose();
            model.Dispose();
        }
    }
}

using Strata.Compiler.Pipeline;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Benchmarks;

/// <summary>How the time of the passes grows with the layers of a chain that gives each of them work in every block.</summary>
internal static class PassSuite
{
    private const int LayersPerBlock = 20;

    public static void Run()
    {
        int[] sizes = [100, 1_000, 10_000, 40_000];
        var results = Array.ConvertAll(sizes, layers => Optimize(Chain(layers)));
        Console.WriteLine($"{"µs per layer of a chain of",-34}{string.Concat(sizes.Select(s => $"{s,10:N0}"))}   layers");
        for (int i = 0; i < Pipelines.Default.Count; i++) Console.WriteLine($"{Pipelines.Default[i].Name,-34}{string.Concat(results.Zip(sizes).Select(r => $"{r.First.Microseconds[i] / r.Second,10:F2}"))}");
        Console.WriteLine($"{"all",-34}{string.Concat(results.Zip(sizes).Select(r => $"{r.First.Microseconds.Sum() / r.Second,10:F2}"))}");
        Console.WriteLine($"{"layers left",-34}{string.Concat(results.Select(r => $"{r.Optimized.TotalLayerCount,10:N0}"))}");
    }

    // For each pass the shortest time of several runs.
    private static (Network Optimized, double[] Microseconds) Optimize(Network network)
    {
        PassResult[] runs = [.. Enumerable.Range(0, Math.Max(5, 20_000 / network.Layers.Length)).Select(_ => new PassManager(Pipelines.Default).Run(network))];
        return (runs[0].Network, [.. Enumerable.Range(0, Pipelines.Default.Count).Select(i => runs.Min(r => r.Passes[i].Elapsed.TotalMicroseconds))]);
    }

    /// <summary>A chain of at least so many layers over x <c>[N, 4, 8, 8]</c>.</summary>
    public static Network Chain(int layers)
    {
        var random = new Random(1);
        var builder = new NetworkBuilder("chain");
        var value = builder.Input("x", new TensorType(ElementType.Float32, Shape.Create(Dim.Symbol("N"), 4, 8, 8)));
        Value root = Scalar(MathF.Sqrt(2)), one = Scalar(1), half = Scalar(0.5f);
        while (builder.Layers.Count < layers) value = Block(value);
        builder.Output("y", value);
        return builder.Build();

        // Convolution with its normalisation, a GELU in five layers, transposes and reshapes that come to nothing, a computed shape, copies.
        Value Block(Value x)
        {
            int first = builder.Layers.Count;
            x = builder.Add(new Conv { Window = new() { Pads = [1, 1, 1, 1] } }, x, Draw(-0.5f, 4, 4, 3, 3));
            x = builder.Add(new BatchNormalization(), x, Draw(0.5f, 4), Draw(0, 4), Draw(0, 4), Draw(0.5f, 4));
            var inner = builder.Add(new Erf(), builder.Add(new Div(), x, root));
            x = builder.Add(new Mul(), builder.Add(new Mul(), x, builder.Add(new Add(), inner, one)), half);
            x = builder.Add(new Transpose { Perm = [0, 3, 1, 2] }, builder.Add(new Transpose { Perm = [0, 2, 3, 1] }, x));
            var extents = builder.Add(new ShapeOf(), x);
            var batch = builder.Add(new Gather(), extents, Ints(0));
            x = builder.Add(new Reshape(), x, builder.Add(new Concat(), batch, Ints(256)));
            x = builder.Add(new Reshape(), x, extents);
            x = builder.Add(new Cast { To = ElementType.Float32 }, builder.Add(new Identity(), x));
            x = builder.Add(new Add(), builder.Add(new Relu(), x), builder.Add(new Relu(), x));
            while (builder.Layers.Count < first + LayersPerBlock) x = builder.Add(new Tanh(), x);
            return x;
        }

        Value Scalar(float x) => builder.Constant(Tensor.Scalar(x));

        Value Ints(long x) => builder.Constant(Tensor.Vector(x));

        Value Draw(float least, params int[] dims)
        {
            var values = new float[Tensor.CountOf(dims)];
            for (int i = 0; i < values.Length; i++) values[i] = least + random.NextSingle();
            return builder.Constant(Tensor.From<float>(dims, values));
        }
    }
}

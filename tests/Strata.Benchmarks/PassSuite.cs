using Strata.Compiler.Pipeline;
using Strata.Networks;
using Strata.Passes;

namespace Strata.Benchmarks;

/// <summary>How the time of the passes grows with the layers of a chain that gives each of them work in every block.</summary>
internal static class PassSuite
{
    public static void Run()
    {
        int[] sizes = [100, 1_000, 10_000, 40_000];
        var results = Array.ConvertAll(sizes, layers => Optimize(PassChain.Build(layers)));
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
}

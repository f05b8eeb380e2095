using Strata.Execution;
using Strata.Networks;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Compiler.Calibration;

/// <summary>
/// Runs a network on calibration inputs and gathers, for each weight of its top level, the moments of what it is multiplied with. Values are
/// looked at a few at a time, at most <see cref="TappedBytes"/> of them in one run, and are gone after it: memory does not grow
/// with the number of inputs, nor with the activations of the whole network.
/// </summary>
internal sealed class Calibration(IReadOnlyList<RuntimeValue?[]> sets, int threads, IProgress<double>? progress, CancellationToken cancel)
{
    private const long TappedBytes = 64 << 20;

    // A weight, and the value whose vectors it is multiplied with.
    private sealed record Tap(Constant Weight, Value Operand, MomentGatherer Gatherer);

    /// <summary>The moments by weight.</summary>
    /// <exception cref="InvalidInputException">The network refuses the inputs.</exception>
    public Dictionary<Constant, InputMoments> Run(Network network, int leastElements)
    {
        var moments = new Dictionary<Constant, InputMoments>(ReferenceEqualityComparer.Instance);
        using var products = new OuterProducts(threads);
        var batches = Batches(network, leastElements);
        for (int b = 0; b < batches.Count; b++)
        {
            Run(network, batches[b], products, fraction => progress?.Report((b + fraction) / batches.Count));
            foreach (var tap in batches[b])
            {
                tap.Gatherer.Complete(products);
                moments[tap.Weight] = tap.Gatherer.Moments;
            }
        }
        return moments;
    }

    private void Run(Network network, List<Tap> batch, OuterProducts products, Action<double> report)
    {
        Value[] operands = [.. batch.Select(t => t.Operand).Distinct()];
        using var model = Model.Of(network.WithOutputs([.. operands.Select((v, i) => new NetworkOutput($"tap{i}", v))]), new LoadOptions { Threads = threads });
        using var session = model.CreateSession();
        for (int s = 0; s < sets.Count; s++)
        {
            report((double)s / sets.Count);
            foreach (var (input, value) in network.Inputs.Zip(sets[s]).Where(p => p.Second is not null)) session.SetInput(input.Name, value!);
            session.Run(new RunOptions { CancellationToken = cancel });
            for (int i = 0; i < operands.Length; i++)
            {
                if (session.GetOutput($"tap{i}") is not Tensor tensor) continue;
                foreach (var tap in batch.Where(t => t.Operand == operands[i])) tap.Gatherer.Add(tensor, products);
            }
        }
    }

    // Weights whose operands are looked at in one run.
    private List<List<Tap>> Batches(Network network, int leastElements)
    {
        var batches = new List<List<Tap>>();
        var known = new HashSet<Constant>(ReferenceEqualityComparer.Instance);
        long bytes = long.MaxValue;
        foreach (var layer in network.Layers)
        {
            for (int i = 0; i < layer.Inputs.Length; i++)
            {
                if (layer.Inputs[i]?.Constant is not { } weight || weight.Count < leastElements || !weight.Type.ElementType.IsFloat() || weight.Dims.Length < 2) continue;
                if (layer.Inputs[0] is not { Type: TensorType } operand || MomentGatherer.Of(layer, i, sets.Count) is not { } gatherer || !known.Add(weight)) continue;
                long size = BytesOf(operand.TensorType);
                if (bytes > TappedBytes - size)
                {
                    batches.Add([]);
                    bytes = 0;
                }
                batches[^1].Add(new(weight, operand, gatherer));
                bytes += size;
            }
        }
        return batches;
    }

    // What is not known before a run is taken to be large.
    private static long BytesOf(TensorType type)
    {
        if (type.Shape is null) return TappedBytes / 4;
        long count = 1;
        foreach (var dim in type.Shape) count = Math.Min(TappedBytes, count * Math.Max(1, dim.Constant ?? 64));
        return Math.Min(TappedBytes, count * sizeof(float));
    }
}

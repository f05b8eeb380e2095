using System.Collections.Concurrent;
using Strata.Networks;

namespace Strata.Passes;

/// <summary>
/// Weights as schemes left them, for those who quantise the same ones again and again: codes and scales only, up to
/// <see cref="MostBytes"/> of them. Thread-safe.
/// </summary>
internal sealed class QuantizedWeights
{
    private const long MostBytes = 256 << 20;

    private readonly ConcurrentDictionary<(Constant, WeightScheme), QuantizedWeight> weights = new();
    private long bytes;

    /// <summary>The weight in a scheme, or null.</summary>
    public QuantizedWeight? Find(Constant weight, WeightScheme scheme) => weights.GetValueOrDefault((weight, scheme));

    /// <summary>Remembers a weight, while there is room.</summary>
    public void Add(Constant weight, WeightScheme scheme, QuantizedWeight quantized)
    {
        long size = quantized.Codes.ByteCount + (quantized.Scale?.ByteCount ?? 0) + (quantized.ZeroPoint?.ByteCount ?? 0);
        if (Interlocked.Read(ref bytes) + size <= MostBytes && weights.TryAdd((weight, scheme), quantized)) Interlocked.Add(ref bytes, size);
    }
}

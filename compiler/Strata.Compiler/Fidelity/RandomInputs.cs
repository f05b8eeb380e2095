using Strata.Compiler.Calibration;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Fidelity;

/// <summary>
/// Inputs for a network that depend on nothing but its declaration, a seed and the values of symbolic dimensions: floats
/// in [−1, 1), 8-bit integers over their range, wider integers 0 or 1 (they are mostly indices, masks and lengths).
/// </summary>
public static class RandomInputs
{
    /// <summary>The symbolic dimensions of the inputs, in order of appearance.</summary>
    public static IReadOnlyList<string> Symbols(Network network) =>
        [.. network.Inputs.Select(i => (i.Type as TensorType)?.Shape).OfType<Shape>().SelectMany(s => s).SelectMany(d => d.Symbols).Distinct(StringComparer.Ordinal)];

    /// <summary>Makes one value per input of the network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="seed">The seed; an input's value depends on it and on the input's position only.</param>
    /// <param name="dims">Values of symbolic dimensions; those that are left out are 1.</param>
    /// <param name="except">Names of inputs that are not wanted; they get null.</param>
    /// <exception cref="InvalidInputException">A wanted input is no tensor, has no known rank, or a dimension that no tensor has.</exception>
    /// <exception cref="ResourceLimitException">A wanted input is too large.</exception>
    public static RuntimeValue?[] Create(Network network, ulong seed, IReadOnlyDictionary<string, long> dims, IReadOnlySet<string>? except = null)
    {
        var values = new RuntimeValue?[network.Inputs.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (except?.Contains(network.Inputs[i].Name) != true) values[i] = Create(network.Inputs[i], new SplitMix(seed + (ulong)i * 0x9E3779B97F4A7C15), dims);
        }
        return values;
    }

    private static Tensor Create(Value input, SplitMix random, IReadOnlyDictionary<string, long> dims)
    {
        if (input.Type is not TensorType { Shape: { } shape } type) throw new InvalidInputException($"input '{input.Name}' is {input.Type}; give its value, random ones exist for tensors of known rank only");
        var sizes = new int[shape.Rank];
        for (int d = 0; d < sizes.Length; d++)
        {
            long size = shape[d].Evaluate(s => dims.TryGetValue(s, out long value) ? value : 1) ?? 1;
            sizes[d] = size is >= 0 and <= int.MaxValue ? (int)size : throw new InvalidInputException($"input '{input.Name}': dimension {d} cannot be {size}");
        }
        int count = Tensor.CountOf(sizes);
        var element = type.ElementType;
        // Drawn in 64 bits each, then converted.
        if (sizeof(long) * (long)count + element.ByteCount(count) > Limits.DefaultMaxMemory)
            throw new ResourceLimitException($"random values for input '{input.Name}', {element.Name()}[{string.Join(", ", sizes)}], do not fit into {Limits.DefaultMaxMemory} bytes; choose smaller dimensions");
        if (element == ElementType.String) return Tensor.FromStrings(sizes, [.. Enumerable.Range(0, count).Select(_ => $"text{random.Next() % 10}")]);
        if (element.IsFloat() || element.Kind() == ElementKind.Complex)
        {
            var reals = new double[count];
            for (int i = 0; i < count; i++) reals[i] = random.NextUnit() * 2 - 1;
            return Tensor.FromDoubles(element, sizes, reals, saturate: true);
        }
        ulong range = element.Bits() == 8 && element.IsInteger() ? 256UL : 2;
        var integers = new long[count];
        for (int i = 0; i < count; i++) integers[i] = (long)(random.Next() % range);
        return Tensor.FromInt64s(element, sizes, integers);
    }
}

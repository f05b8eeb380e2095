using Strata.Compiler.Fidelity;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Calibration;

/// <summary>
/// Inputs that look more like data than noise does, for want of real ones: pictures of shapes on 1/f texture, sounds of harmonics,
/// sweeps and noise, texts of tokens that follow one another. What an input is, its shape and use tell; everything else is
/// random as in <see cref="RandomInputs"/>.
/// </summary>
public static class GeneratedInputs
{
    // Least extent of a picture's sides, most channels of one, and least length of a sound.
    private const int LeastSide = 8, MostChannels = 4, LeastSamples = 256;

    /// <summary>Makes one value per input of the network; arguments and errors as in <see cref="RandomInputs"/>.</summary>
    public static RuntimeValue?[] Create(Network network, ulong seed, IReadOnlyDictionary<string, long> dims)
    {
        var values = RandomInputs.Create(network, seed, dims);
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is Tensor tensor) values[i] = Create(network, network.Inputs[i], tensor, new SplitMix(seed * 31 + (ulong)i));
        }
        return values;
    }

    private static Tensor Create(Network network, Value input, Tensor random, SplitMix source)
    {
        var dims = random.Dims.AsSpan();
        if (random.Count == 0) return random;
        if (random.ElementType is ElementType.Int32 or ElementType.Int64) return Integers(network, input, random, source);
        if (!random.ElementType.IsFloat() && random.ElementType != ElementType.UInt8) return random;
        double[]? values = PictureOf(dims) is { } picture ? Pictures.Draw(picture, source) : dims.Length is 1 or 2 or 3 && dims[^1] >= LeastSamples && random.ElementType.IsFloat() ? Sounds.Draw(random.Count / dims[^1], dims[^1], source) : null;
        if (values is null) return random;
        // 8-bit pictures span the range of their type.
        if (random.ElementType == ElementType.UInt8) values = Array.ConvertAll(values, v => Math.Clamp(Math.Round(128 + 60 * v), 0, 255));
        return Tensor.FromDoubles(random.ElementType, dims, values, saturate: true);
    }

    private static PictureShape? PictureOf(ReadOnlySpan<int> dims)
    {
        if (dims.Length is not (3 or 4)) return null;
        int images = dims.Length == 4 ? dims[0] : 1;
        var rest = dims[^3..];
        if (rest[0] <= MostChannels && rest[1] >= LeastSide && rest[2] >= LeastSide) return new(images, rest[0], rest[1], rest[2], ChannelsLast: false);
        return rest[2] <= MostChannels && rest[0] >= LeastSide && rest[1] >= LeastSide ? new(images, rest[2], rest[0], rest[1], ChannelsLast: true) : null;
    }

    private static Tensor Integers(Network network, Value input, Tensor random, SplitMix source)
    {
        int length = random.Rank == 0 ? 1 : random.Dims[^1];
        var values = new long[random.Count];
        if (Has("mask")) Array.Fill(values, 1);
        else if (Has("position")) for (int i = 0; i < values.Length; i++) values[i] = i % length;
        else if (RowsOf(network, input) is not { } rows) return random;
        else if (!Has("type") && !Has("segment")) Tokens(values, length, rows, source);
        return Tensor.FromInt64s(random.ElementType, random.Dims.AsSpan(), values);

        bool Has(string word) => input.Name.Contains(word, StringComparison.OrdinalIgnoreCase);
    }

    // Each token has few successors, as words do; frequent ones have low numbers.
    private static void Tokens(long[] values, int length, int rows, SplitMix source)
    {
        long token = 0;
        for (int i = 0; i < values.Length; i++)
        {
            token = i % length == 0 || source.NextUnit() < 0.2
                ? (long)(rows * Math.Pow(source.NextUnit(), 3))
                : (long)(new SplitMix((ulong)token * 7 + source.Next() % 4).Next() % (ulong)rows);
            values[i] = Math.Min(token, rows - 1);
        }
    }

    // The number of rows of the table that an input indexes, as it is or reshaped; null where it indexes none.
    private static int? RowsOf(Network network, Value input)
    {
        var reached = new HashSet<Value>(ReferenceEqualityComparer.Instance) { input };
        foreach (var layer in network.Layers)
        {
            if (layer.Operator is Gather { Axis: 0 } && layer.Inputs is [{ TensorType.Shape: { Rank: > 0 } table }, { } index] && reached.Contains(index)) return (int?)table[0].Constant;
            if (layer.Operator is Cast or Reshape or Squeeze or Unsqueeze or Identity && layer.Inputs[0] is { } from && reached.Contains(from)) reached.Add(layer.Outputs[0]!);
        }
        return null;
    }
}

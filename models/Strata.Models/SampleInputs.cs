using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models;

/// <summary>The value of one element of a sample input.</summary>
/// <param name="random">The input's own stream.</param>
/// <param name="index">The element's index, row-major.</param>
/// <param name="dims">The input's dimensions.</param>
/// <param name="symbols">The value of each symbol.</param>
internal delegate double Sample(RandomStream random, int index, ReadOnlySpan<int> dims, IReadOnlyDictionary<string, int> symbols);

/// <summary>What inputs hold.</summary>
internal static class Samples
{
    /// <summary>Features, noise.</summary>
    public static Sample Normal { get; } = (random, _, _, _) => random.Normal();

    /// <summary>Normalised pixels <c>[N, C, H, W]</c>: squares of 16 pixels, each of a colour, and a little noise.</summary>
    public static Sample Image { get; } = (random, index, dims, _) =>
    {
        var (row, x) = Math.DivRem(index, dims[3]);
        var (plane, y) = Math.DivRem(row, dims[2]);
        ulong square = ((ulong)plane << 32) + ((ulong)(y / 16) << 16) + (ulong)(x / 16);
        return 0.9 * new RandomStream(random.Seed + square).Normal() + 0.4 * random.Normal();
    };

    /// <summary>Indices below <paramref name="count"/>: tokens.</summary>
    public static Sample Indices(int count) => (random, _, _, _) => Math.Floor(random.Unit() * count);

    /// <summary>The same value everywhere.</summary>
    public static Sample Constant(double value) => (_, _, _, _) => value;

    /// <summary>Between 1 and the value of a symbol; the first element has all of it.</summary>
    public static Sample Length(string symbol) => (random, index, _, symbols) =>
        index == 0 ? symbols[symbol] : 1 + Math.Floor(random.Unit() * symbols[symbol]);

    /// <summary>A mask <c>[batch, length]</c> of ones, the later rows ending in zeros: sequences padded on the right.</summary>
    public static Sample PaddingMask { get; } = (_, index, dims, _) =>
        index % dims[1] < Math.Max(dims[1] - index / dims[1], 1) ? 1 : 0;
}

/// <summary>Deterministic inputs for a model: of the declared types, the symbols bound.</summary>
internal static class SampleInputs
{
    /// <summary>Draws every input.</summary>
    /// <param name="model">The model.</param>
    /// <param name="seed">Another seed, other values.</param>
    /// <param name="symbols">Values of symbols, in place of the model's own sample values.</param>
    public static IReadOnlyDictionary<string, Tensor> Create(ModelBuilder model, int seed, params ReadOnlySpan<(string Symbol, int Value)> symbols)
    {
        var bound = new Dictionary<string, int>(model.SampleDims, StringComparer.Ordinal);
        foreach (var (symbol, value) in symbols) bound[symbol] = value;

        var inputs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (info, sample) in model.Inputs)
        {
            var random = new RandomStream(RandomStream.SeedOf($"{model.Name}/{info.Name}/{seed}"));
            int[] dims = [.. info.Type.TensorType.Shape.Dim.Select(dim => Value(dim, bound))];
            inputs[info.Name] = Draw((ElementType)info.Type.TensorType.ElemType, dims, index => sample(random, index, dims, bound));
        }
        return inputs;
    }

    /// <summary>A number, a symbol, or a sum of symbols such as <c>past_sequence + sequence</c>.</summary>
    private static int Value(TensorShapeProto.Types.Dimension dim, Dictionary<string, int> symbols) => dim.HasDimValue
        ? (int)dim.DimValue
        : dim.DimParam.Split(" + ").Sum(symbol => symbols[symbol]);

    private static Tensor Draw(ElementType type, int[] dims, Func<int, double> draw)
    {
        int count = dims.Aggregate(1, (product, dim) => product * dim);
        return type switch
        {
            ElementType.Float32 => Tensor.From<float>(dims, [.. Enumerable.Range(0, count).Select(i => (float)draw(i))]),
            ElementType.Int64 => Tensor.From<long>(dims, [.. Enumerable.Range(0, count).Select(i => (long)draw(i))]),
            ElementType.Int32 => Tensor.From<int>(dims, [.. Enumerable.Range(0, count).Select(i => (int)draw(i))]),
            ElementType.Bool => Tensor.From<bool>(dims, [.. Enumerable.Range(0, count).Select(i => draw(i) != 0)]),
            _ => throw new NotSupportedException($"no samples of {type.Name()}"),
        };
    }
}

using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Cli.Models;

/// <summary>A constant as it is stored: dense, or by some codec of an encoded network.</summary>
internal sealed record StoredConstant(string Name, string Type, long Elements, long Bytes, string Codec)
{
    /// <summary>True for scales and zero points, which belong to the codes beside them.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsParameter { get; init; }

    /// <summary>The entropy of codes of up to eight bits, in bits.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double? EntropyBits { get; init; }
}

/// <summary>What a layer takes in bits for each of its weights, scales and zero points not counted as weights.</summary>
/// <param name="Symbols">The weights themselves, with the tables that code them.</param>
/// <param name="Scales">Scales and zero points.</param>
/// <param name="Headers">The layer's part of the headers.</param>
/// <param name="Entropy">The entropy of the weights' codes, each tensor by itself; absent where any has more than eight bits.</param>
internal sealed record BitSplit(double Symbols, double Scales, double Headers, double? Entropy);

/// <summary>A layer and what it stores. A constant that several layers use is counted for the first.</summary>
internal sealed record LayerDescription(Layer Layer, string Operator, IReadOnlyList<StoredConstant> Constants)
{
    public long Bytes => Constants.Sum(c => c.Bytes);

    public long Elements => Constants.Sum(c => c.Elements);

    public double? BitsPerWeight => Elements == 0 ? null : 8.0 * Bytes / Elements;

    /// <summary>How the bits are spent in an encoded network.</summary>
    public BitSplit? Split(Bitstream.LayerRecord? record)
    {
        var weights = Constants.Where(c => !c.IsParameter).ToList();
        double count = weights.Sum(c => c.Elements);
        return record is null || count == 0 ? null : new(8 * weights.Sum(c => c.Bytes) / count, 8 * Constants.Where(c => c.IsParameter).Sum(c => c.Bytes) / count, 8 * record.HeaderBytes / count,
            weights.All(c => c.EntropyBits is not null) ? weights.Sum(c => c.EntropyBits!.Value) / count : null);
    }

    /// <summary>The codecs, each once.</summary>
    public string Codec => string.Join(", ", Constants.Select(c => c.Codec).Distinct());

    /// <summary>The types of the results, in order.</summary>
    public string OutputTypes => string.Join(", ", Layer.Outputs.Select(o => o?.Type.ToString() ?? "_"));
}

/// <summary>What every form of <c>strata inspect</c> shows of a network.</summary>
internal sealed class NetworkDescription
{
    private NetworkDescription(ModelFile file, IReadOnlyList<LayerDescription> layers) => (File, Layers) = (file, layers);

    public ModelFile File { get; }

    public Network Network => File.Network;

    public IReadOnlyList<LayerDescription> Layers { get; }

    /// <summary>Elements of all constants, each counted once.</summary>
    public long Elements => Layers.Sum(l => l.Elements);

    /// <summary>Bytes of all constants as stored.</summary>
    public long Bytes => Layers.Sum(l => l.Bytes);

    public double? BitsPerWeight => Elements == 0 ? null : 8.0 * Bytes / Elements;

    /// <summary>How often each operator occurs, most frequent first.</summary>
    public IEnumerable<(string Operator, int Count)> Operators => Layers.GroupBy(l => l.Operator).Select(g => (g.Key, g.Count())).OrderByDescending(p => p.Item2).ThenBy(p => p.Key, StringComparer.Ordinal);

    public static NetworkDescription Of(ModelFile file)
    {
        var counted = new HashSet<Constant>(ReferenceEqualityComparer.Instance);
        return new(file, [.. file.Network.Layers.Select(layer => new LayerDescription(layer, NameOf(layer.Operator), [.. ConstantsOf(layer, counted, file)]))]);
    }

    /// <summary>The name of an operator in the text form.</summary>
    public static string NameOf(Operator op) => OperatorCatalog.Standard.RowOf(op).Name;

    private static IEnumerable<StoredConstant> ConstantsOf(Layer layer, HashSet<Constant> counted, ModelFile file)
    {
        var parameters = layer.Operator is DequantizeLinear or QuantizeLinear ? layer.Inputs.Skip(1).Select(v => v?.Constant).ToHashSet() : [];
        var own = layer.Inputs.OfType<Value>().Concat(layer.Operator.Bodies.SelectMany(BodyConstants)).Where(v => v.Constant is not null);
        foreach (var value in own)
        {
            var constant = value.Constant!;
            if (counted.Add(constant)) yield return new(value.Name, constant.Type.ToString(), constant.Count, file.StoredBytes(constant), file.CodecOf(constant))
            {
                IsParameter = parameters.Contains(constant),
                EntropyBits = file.Encoded is not null && Bitstream.Codecs.Symbols.Suits(constant.Type.ElementType) ? Entropy(Bitstream.Codecs.Symbols.Of(constant.Materialize())) : null,
            };
        }
    }

    /// <summary>The entropy of symbols, each by itself, in bits.</summary>
    internal static double Entropy(byte[] symbols)
    {
        var counts = new int[256];
        foreach (byte symbol in symbols) counts[symbol]++;
        return counts.Where(c => c > 0).Sum(c => -c * Math.Log2(c / (double)symbols.Length));
    }

    private static IEnumerable<Value> BodyConstants(Network body) => body.Constants.Concat(body.Layers.SelectMany(l => l.Operator.Bodies).SelectMany(BodyConstants));
}

using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Cli.Models;

/// <summary>A constant as it is stored: dense, or by some codec of an encoded network.</summary>
internal sealed record StoredConstant(string Name, string Type, long Elements, long Bytes, string Codec);

/// <summary>A layer and what it stores. A constant that several layers use is counted for the first.</summary>
internal sealed record LayerDescription(Layer Layer, string Operator, IReadOnlyList<StoredConstant> Constants)
{
    public long Bytes => Constants.Sum(c => c.Bytes);

    public long Elements => Constants.Sum(c => c.Elements);

    public double? BitsPerWeight => Elements == 0 ? null : 8.0 * Bytes / Elements;

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
        var own = layer.Inputs.OfType<Value>().Concat(layer.Operator.Bodies.SelectMany(BodyConstants)).Where(v => v.Constant is not null);
        foreach (var value in own)
        {
            var constant = value.Constant!;
            if (counted.Add(constant)) yield return new(value.Name, constant.Type.ToString(), constant.Count, file.StoredBytes(constant), file.CodecOf(constant));
        }
    }

    private static IEnumerable<Value> BodyConstants(Network body) => body.Constants.Concat(body.Layers.SelectMany(l => l.Operator.Bodies).SelectMany(BodyConstants));
}

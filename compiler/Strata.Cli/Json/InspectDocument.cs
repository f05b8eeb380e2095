using Strata.Bitstream;
using Strata.Cli.Models;
using Strata.Networks;

namespace Strata.Cli.Json;

/// <summary><c>strata inspect --json</c>.</summary>
internal sealed record InspectDocument(string Schema, string File, string Format, long Bytes, string Network,
    IReadOnlyList<InspectDocument.Port> Inputs, IReadOnlyList<InspectDocument.Port> Outputs, IReadOnlyDictionary<string, string> Metadata,
    InspectDocument.Totals Weights, Storage? Storage, IReadOnlyList<InspectDocument.Layer> Layers)
{
    internal sealed record Port(string Name, string Type);

    internal sealed record Totals(long Elements, long Bytes, double? BitsPerWeight);

    internal sealed record Layer(int Id, string Name, string Operator, IReadOnlyList<string?> Inputs, IReadOnlyList<Port?> Outputs, int NestedLayers, long Bytes, double? BitsPerWeight, IReadOnlyList<StoredConstant> Constants, Place? Place, BitSplit? Split);

    internal sealed record Place(long DataOffset, long DataBytes, long HeaderBytes);

    /// <summary>Describes a network, or one layer of it.</summary>
    public static InspectDocument Of(NetworkDescription network, LayerDescription? only) => new("strata.inspect/1", network.File.Name, network.File.Format, network.File.Bytes, network.Network.Name,
        [.. network.Network.Inputs.Select(i => new Port(i.Name, i.Type.ToString()))],
        [.. network.Network.Outputs.Select(o => new Port(o.Name, o.Value.Type.ToString()))],
        network.Network.Metadata,
        new(network.Elements, network.Bytes, network.BitsPerWeight),
        network.File.Storage,
        [.. (only is null ? network.Layers : [only]).Select(l => Of(l, network.File.RecordOf(l.Layer)))]);

    private static Layer Of(LayerDescription layer, LayerRecord? record) => new(layer.Layer.Id, layer.Layer.Name, layer.Operator,
        [.. layer.Layer.Inputs.Select(i => i?.Name)],
        [.. layer.Layer.Outputs.Select(o => o is null ? null : new Port(o.Name, o.Type.ToString()))],
        layer.Layer.Operator.Bodies.Sum(b => b.TotalLayerCount), layer.Bytes, layer.BitsPerWeight, layer.Constants,
        record is null ? null : new(record.DataOffset, record.DataBytes, record.HeaderBytes), layer.Split(record));
}

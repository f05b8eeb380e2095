using Strata.Cli.Models;
using Strata.Cli.Verbs;
using Strata.Compiler.Fidelity;
using Strata.Networks;

namespace Strata.Cli.Json;

/// <summary><c>strata diff --json</c>. <c>layers</c> holds those that differ or have another name.</summary>
internal sealed record DiffDocument(string Schema, DiffDocument.Side First, DiffDocument.Side Second, string Verdict, string? FirstDifference,
    IReadOnlyList<Difference> Inputs, IReadOnlyList<Difference> Outputs, IReadOnlyList<Difference> Metadata, IReadOnlyList<DiffDocument.OperatorCount> Operators,
    DiffDocument.ConstantCount Constants, int SameLayers, IReadOnlyList<DiffDocument.LayerPair> Layers, IReadOnlyList<DiffDocument.LayerBytes> BytesPerLayer, DiffDocument.NumericsEntry Numerics)
{
    internal sealed record Side(string File, string Format, long Bytes, string Network, int Layers, InspectDocument.Totals Weights);

    internal sealed record OperatorCount(string Operator, int First, int Second);

    internal sealed record ConstantCount(int Same, int OnlyFirst, int OnlySecond);

    internal sealed record LayerName(int Id, string Name, string Operator)
    {
        public static LayerName Of(Layer layer) => new(layer.Id, layer.Name, NetworkDescription.NameOf(layer.Operator));
    }

    internal sealed record LayerPair(string Status, LayerName? First, LayerName? Second, IReadOnlyList<Difference> Changes, IReadOnlyList<MetricsEntry> Constants);

    internal sealed record LayerBytes(LayerName? First, LayerName? Second, long FirstBytes, long SecondBytes);

    internal sealed record NumericsEntry(int Runs, string? Route, IReadOnlyList<MetricsEntry>? Outputs, string? NotRun);

    public static DiffDocument Of(FileComparison c) => new("strata.diff/1", Of(c.First), Of(c.Second),
        c.Diff.IsIdentical ? "identical" : c.Diff.IsSameComputation ? "same-computation" : c.Diff.IsSameStructure ? "same-structure" : "different", c.Diff.FirstDifference,
        c.Diff.Inputs, c.Diff.Outputs, c.Diff.Metadata, [.. c.Operators.Where(o => o.First != o.Second).Select(o => new OperatorCount(o.Operator, o.First, o.Second))],
        new(c.Diff.SharedConstants, c.Diff.ConstantsOnlyInFirst, c.Diff.ConstantsOnlyInSecond), c.Diff.Layers.Count(l => l.IsSame),
        [.. c.Diff.Layers.Where(l => !l.IsSame || l.IsRenamed).Select(l => new LayerPair(Status(l), Of(l.First), Of(l.Second), l.Changes, [.. l.Constants.Select(k => MetricsEntry.Of(k.Measure()))]))],
        [.. c.BytesPerLayer.Select(b => new LayerBytes(Of(b.Layer.First), Of(b.Layer.Second), b.First, b.Second))],
        new(c.Fidelity?.Runs ?? 0, c.Fidelity is null ? null : CommonOptions.RouteNames[(int)c.Route], c.Fidelity?.Outputs.Select(MetricsEntry.Of).ToArray(), c.NotRun));

    private static Side Of(NetworkDescription side) => new(side.File.Name, side.File.Format, side.File.Bytes, side.Network.Name, side.Network.TotalLayerCount, new(side.Elements, side.Bytes, side.BitsPerWeight));

    private static LayerName? Of(Layer? layer) => layer is null ? null : LayerName.Of(layer);

    private static string Status(LayerDifference layer) => layer.Second is null ? "only-first" : layer.First is null ? "only-second" : layer.IsSame ? "renamed" : "changed";
}

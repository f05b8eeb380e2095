using Strata.Cli.Bench;

namespace Strata.Cli.Json;

/// <summary><c>strata bench headers --json</c>. Sizes are in bytes.</summary>
internal sealed record HeaderBenchDocument(string Schema, IReadOnlyList<HeaderBenchDocument.ModelHeaders> Models, HeaderBenchDocument.ModelHeaders? Total, IReadOnlyList<string> TooSmall)
{
    internal sealed record ModelHeaders(string Name, long Skeleton, long Brotli, double Topology, double Names, long Weights, long Symbols, long Scales, long LayerHeaders, double? BitsPerWeight, long OtherFloats, long OtherFloatsRaw, long File)
    {
        public static ModelHeaders Of(HeaderSizesOf m) => new(m.Model, m.Skeleton, m.Brotli, m.Topology, m.Names, m.Weights, m.Symbols, m.Scales, m.Layers, m.Weights == 0 ? null : m.BitsPerWeight, m.OtherFloats, m.OtherFloatsRaw, m.File);
    }

    public static HeaderBenchDocument Of(IReadOnlyList<HeaderSizesOf> models, IReadOnlyList<string> small) =>
        new("strata.bench-headers/1", [.. models.Select(ModelHeaders.Of)], models.Count == 0 ? null : ModelHeaders.Of(HeaderSizesOf.Sum(models)), small);
}

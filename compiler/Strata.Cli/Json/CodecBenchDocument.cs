using Strata.Cli.Bench;

namespace Strata.Cli.Json;

/// <summary><c>strata bench codec --json</c>. Sizes are in bits per weight, rates in weights per second.</summary>
internal sealed record CodecBenchDocument(string Schema, IReadOnlyList<CodecBenchDocument.Scheme> Schemes, IReadOnlyList<string> TooSmall)
{
    internal sealed record Model(string Name, long Weights, double Entropy, double Brotli, double Symbols, double? Scales)
    {
        public static Model Of(CodecSizes sizes) => new(sizes.Model, sizes.Weights, sizes.EntropyBits / sizes.Weights, 8.0 * sizes.Brotli / sizes.Weights, 8.0 * sizes.Symbols / sizes.Weights,
            sizes.Scales == 0 ? null : 8.0 * sizes.Scales / sizes.Weights);
    }

    internal sealed record Speed(string Level, double Decode, double Streams);

    internal sealed record Scheme(string Name, IReadOnlyList<Model> Models, Model Total, double Encode, double Coder, IReadOnlyList<Speed> Speeds);

    public static CodecBenchDocument Of(IReadOnlyList<CodecResult> results, IReadOnlyList<string> small) => new("strata.bench-codec/1",
        [.. results.Select(r => new Scheme(r.Scheme.Name, [.. r.Models.Select(Model.Of)], Model.Of(r.Total), r.Encode, r.Coder, [.. r.Decode.Zip(r.Stream, (d, s) => new Speed(d.Level, d.Rate, s.Rate))]))], small);
}

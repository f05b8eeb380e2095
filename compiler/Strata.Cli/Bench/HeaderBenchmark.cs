using System.IO.Compression;
using Strata.Bitstream;
using Strata.Compiler;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Cli.Bench;

/// <summary>What a model takes beside the symbols of its weights.</summary>
/// <param name="Model">What it is called.</param>
/// <param name="Skeleton">Bytes of the .onnx without weights (<see cref="OnnxSkeleton"/>).</param>
/// <param name="Brotli">The same by brotli.</param>
/// <param name="Topology">Bytes of operators, attributes, types and connections in the encoded network, as imported.</param>
/// <param name="Names">Bytes of names in it.</param>
/// <param name="Weights">Elements of the matrices that a compile to groups of four bits quantises.</param>
/// <param name="Symbols">Bytes of their codes, with tables, in the compiled file.</param>
/// <param name="Scales">Bytes of their scales there.</param>
/// <param name="Layers">Bytes of headers there of the layers that make numbers of codes, and of those that compute with them.</param>
/// <param name="OtherFloats">Bytes of all other tensors of floats there.</param>
/// <param name="OtherFloatsRaw">Bytes of these when decoded.</param>
/// <param name="File">Bytes of that file.</param>
internal sealed record HeaderSizesOf(string Model, long Skeleton, long Brotli, double Topology, double Names, long Weights, long Symbols, long Scales, long Layers, long OtherFloats, long OtherFloatsRaw, long File)
{
    /// <summary>Topology and names, of what brotli needs.</summary>
    public double ToBrotli => (Topology + Names) / Brotli;

    /// <summary>Of quantised matrices in all; NaN where there are none.</summary>
    public double BitsPerWeight => 8.0 * (Symbols + Scales + Layers) / Weights;

    public static HeaderSizesOf Sum(IReadOnlyCollection<HeaderSizesOf> models) => new("all", models.Sum(m => m.Skeleton), models.Sum(m => m.Brotli), models.Sum(m => m.Topology), models.Sum(m => m.Names),
        models.Sum(m => m.Weights), models.Sum(m => m.Symbols), models.Sum(m => m.Scales), models.Sum(m => m.Layers), models.Sum(m => m.OtherFloats), models.Sum(m => m.OtherFloatsRaw), models.Sum(m => m.File));
}

/// <summary>Measures headers beside brotli on the same model without weights, and the whole of a file with weights of four bits.</summary>
internal static class HeaderBenchmark
{
    private const int BrotliQuality = 11, BrotliWindow = 24, Group = 32;

    /// <summary>Of what is compiled for the measurement: as <see cref="CodecScheme"/> quantises, symmetric and by the largest magnitude.</summary>
    public static WeightScheme Scheme { get; } = new(new WeightFormat("int4 from -7 to 7", ElementType.Int4, -7, 7), new WeightGroups(Group), ScaleSearch.AbsMax);

    /// <summary>Measures a model.</summary>
    public static HeaderSizesOf Measure(string name, OnnxModel model, CancellationToken cancel)
    {
        byte[] skeleton = OnnxSkeleton.Serialize(model);
        using var plain = new MemoryStream();
        NetworkEncoder.Encode(OnnxImporter.Import(model), plain, new EncodeOptions(), cancel);
        using var imported = EncodedNetwork.Open(new MemoryByteSource(plain.ToArray()));

        using var file = new MemoryStream();
        Strata.Compiler.Compiler.Compile(model, file, new CompileOptions { Weights = Scheme, Calibrate = false, Verify = false }, null, cancel);
        using var quantized = EncodedNetwork.Open(new MemoryByteSource(file.ToArray()));
        return Sizes(new(name, skeleton.Length, Brotli(skeleton), imported.HeaderSizes.Topology, imported.HeaderSizes.Names, 0, 0, 0, 0, 0, 0, quantized.FileBytes), quantized);
    }

    private static HeaderSizesOf Sizes(HeaderSizesOf sizes, EncodedNetwork file)
    {
        var stored = file.Layers.Prepend(file.Header).SelectMany(l => l.Constants).ToDictionary(c => c.Constant);
        var layers = file.Network.Layers;
        HashSet<Constant> codes = [], scales = [];
        HashSet<Value> weights = [];
        var involved = new HashSet<int>();
        for (int k = 0; k < layers.Length; k++)
        {
            foreach (var layer in WithBodies(layers[k]))
            {
                bool restores = layer.Operator is DequantizeLinear && layer.Inputs[0]?.Constant is { } code && code.Type.ElementType == Scheme.Format.Codes && codes.Add(code);
                if (restores) scales.UnionWith(layer.Inputs.Skip(1).Select(v => v?.Constant).OfType<Constant>());
                else if (!layer.Inputs.Any(v => v is not null && weights.Contains(v))) continue;
                involved.Add(k);
                // What has another form on the way to where it is used.
                if (restores || layer.Operator is Reshape or Transpose or Cast) weights.UnionWith(layer.Outputs.OfType<Value>());
            }
        }
        var others = stored.Values.Where(c => c.Constant.Type.ElementType.IsFloat() && !scales.Contains(c.Constant)).ToList();
        return sizes with
        {
            Weights = codes.Sum(c => (long)c.Count),
            Symbols = codes.Sum(c => stored[c].Bytes),
            Scales = scales.Sum(c => stored[c].Bytes),
            Layers = involved.Sum(k => file.Layers[k].HeaderBytes),
            OtherFloats = others.Sum(c => c.Bytes),
            OtherFloatsRaw = others.Sum(c => c.Constant.ByteCount),
        };
    }

    // Layers of bodies are counted with the whole of the layer that has them.
    private static IEnumerable<Layer> WithBodies(Layer layer) => layer.Operator.Bodies.SelectMany(b => b.Layers).SelectMany(WithBodies).Prepend(layer);

    private static long Brotli(byte[] bytes)
    {
        var target = new byte[BrotliEncoder.GetMaxCompressedLength(bytes.Length)];
        return BrotliEncoder.TryCompress(bytes, target, out int length, BrotliQuality, BrotliWindow) ? length : throw new InvalidOperationException("brotli refused its input");
    }
}

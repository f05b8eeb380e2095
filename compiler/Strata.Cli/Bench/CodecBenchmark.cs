using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.Intrinsics.X86;
using Strata.Bitstream.Codecs;
using Strata.Bitstream.Codecs.Classes;
using Strata.Cli.Models;
using Strata.Compiler.Frontend.Onnx;
using Strata.Tensors;

namespace Strata.Cli.Bench;

/// <summary>A way to quantise weight matrices for a measurement: symmetric, each group by its largest magnitude.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Bits">Bits of a code.</param>
/// <param name="Group">Weights that share a scale; 0 for a whole row.</param>
/// <param name="IsPruned">Whether the smallest 80 % of each tensor become zeros first.</param>
/// <param name="HasGridScales">Whether scales have three bits of mantissa, and count.</param>
internal sealed record CodecScheme(string Name, int Bits, int Group, bool IsPruned = false, bool HasGridScales = false)
{
    private const double Pruned = 0.8;

    /// <summary>The schemes that are measured.</summary>
    public static IReadOnlyList<CodecScheme> All { get; } =
    [
        new("8-bit", 8, 0), new("6-bit", 6, 0), new("4-bit g32", 4, 32), new("80 % sparse g32", 4, 32, IsPruned: true), new("4-bit g32 + scales", 4, 32, HasGridScales: true),
    ];

    /// <summary>Symbols of a byte each, and the scales of the groups.</summary>
    public (byte[] Symbols, Tensor Scales) Quantize(WeightMatrix matrix)
    {
        float[] values = IsPruned ? Prune(matrix.Values) : matrix.Values;
        int most = (1 << Bits - 1) - 1, middle = SymbolCount / 2, length = Group == 0 ? matrix.Columns : Group, groups = (matrix.Columns + length - 1) / length;
        var symbols = new byte[values.Length];
        var scales = new float[matrix.Rows * groups];
        for (int g = 0; g < scales.Length; g++)
        {
            int first = g / groups * matrix.Columns + g % groups * length, count = Math.Min(length, matrix.Columns - g % groups * length);
            float largest = 0;
            foreach (float value in values.AsSpan(first, count)) largest = MathF.Max(largest, MathF.Abs(value));
            float scale = scales[g] = HasGridScales ? OnGrid(largest / most) : largest / most;
            for (int i = first; i < first + count; i++) symbols[i] = (byte)(middle + (scale > 0 ? (int)Math.Clamp(MathF.Round(values[i] / scale), -most, most) : 0));
        }
        return (symbols, Tensor.From<float>([matrix.Rows, groups], scales));
    }

    /// <summary>Symbols lie below; a code is a symbol less half of it.</summary>
    public int SymbolCount => Bits > 4 ? 256 : 16;

    // The next number with three bits of mantissa; an empty group may have any scale.
    private static float OnGrid(float scale) => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(Math.Max(scale, 1.17549435e-38f)) + (1 << 20) - 1 & ~((1u << 20) - 1));

    private static float[] Prune(float[] values)
    {
        float[] sizes = Array.ConvertAll(values, MathF.Abs);
        Array.Sort(sizes);
        float least = sizes[Math.Min((int)(Pruned * sizes.Length), sizes.Length - 1)];
        return Array.ConvertAll(values, v => MathF.Abs(v) < least ? 0 : v);
    }
}

/// <summary>Bytes of one model's weights under a scheme.</summary>
internal sealed record CodecSizes(string Model, long Weights, double EntropyBits, long Brotli, long Symbols, long Scales)
{
    /// <summary>Bits per weight of symbols with their tables, or of everything.</summary>
    public double BitsPerWeight => 8.0 * (Symbols + Scales) / Weights;
}

/// <summary>What a scheme comes to.</summary>
/// <param name="Scheme">How weights were quantised.</param>
/// <param name="Models">Each model.</param>
/// <param name="Total">All of them.</param>
/// <param name="Encode">Weights per second of the whole encoder.</param>
/// <param name="Coder">Weights per second of coding symbols once classes and tables are chosen.</param>
/// <param name="Decode">Weights per second by instruction set: of payloads to symbols.</param>
/// <param name="Stream">The same without reading tables.</param>
internal sealed record CodecResult(CodecScheme Scheme, IReadOnlyList<CodecSizes> Models, CodecSizes Total, double Encode, double Coder, IReadOnlyList<(string Level, double Rate)> Decode, IReadOnlyList<(string Level, double Rate)> Stream);

/// <summary>Measures the codec of quantised weights beside brotli on the same symbols.</summary>
internal sealed class CodecBenchmark(Action<string> report, CancellationToken cancel)
{
    /// <summary>Models with fewer weights are left out.</summary>
    public const int LeastWeights = 20_000;

    private const int BrotliQuality = 11, BrotliWindow = 24;

    private const int LeastRounds = 3;

    private static readonly TimeSpan s_leastTime = TimeSpan.FromMilliseconds(400);

    // Payloads, as the codec made them, of matrices.
    private sealed record Coded(byte[] Symbols, int SymbolCount, int[] Dims, ReadOnlyMemory<byte> Payload);

    /// <summary>Measures a scheme on models, given by name.</summary>
    public CodecResult Measure(CodecScheme scheme, IReadOnlyList<(string Name, IReadOnlyList<WeightMatrix> Matrices)> models)
    {
        var sizes = new List<CodecSizes>();
        var all = new List<Coded>();
        foreach (var (name, matrices) in models)
        {
            cancel.ThrowIfCancellationRequested();
            report($"{scheme.Name}: {name}");
            sizes.Add(Measure(scheme, name, matrices, all));
        }
        long weights = all.Sum(c => (long)c.Symbols.Length);
        var total = new CodecSizes("all", sizes.Sum(s => s.Weights), sizes.Sum(s => s.EntropyBits), sizes.Sum(s => s.Brotli), sizes.Sum(s => s.Symbols), sizes.Sum(s => s.Scales));
        var levels = new List<(string, bool)> { ("scalar", false) };
        if (Avx2.IsSupported) levels.Insert(0, ("256-bit", true));
        var read = all.ConvertAll(c => (c.Symbols, c.SymbolCount, Parts: ClassCodec.Read(c.Payload, c.SymbolCount, c.Dims)));
        return new(scheme, sizes, total,
            Rate(weights, all, c => ClassCodec.Encode(c.Symbols, c.SymbolCount, c.Dims)),
            Rate(weights, read, r => ClassCodec.Encode(r.Parts.Model, r.Symbols, r.SymbolCount)),
            [.. levels.Select(l => (l.Item1, Rate(weights, all, c => ClassCodec.Decode(c.Payload, c.SymbolCount, c.Dims, l.Item2))))],
            [.. levels.Select(l => (l.Item1, Rate(weights, read, r => ClassCodec.Decode(r.Parts.Model, r.Parts.Tiles, r.Symbols.Length, l.Item2))))]);
    }

    // Equal matrices are stored once, as equal tensors of a file are.
    private static CodecSizes Measure(CodecScheme scheme, string name, IReadOnlyList<WeightMatrix> matrices, List<Coded> all)
    {
        var seen = new HashSet<(int, int, string)>();
        var plain = new MemoryStream();
        double entropy = 0;
        long symbolBytes = 0, scaleBytes = 0;
        foreach (var matrix in matrices)
        {
            var (symbols, scales) = scheme.Quantize(matrix);
            plain.Write(Array.ConvertAll(symbols, s => (byte)(s - scheme.SymbolCount / 2))); // codes as they are, −1 as 255
            entropy += NetworkDescription.Entropy(symbols);
            if (!seen.Add((matrix.Rows, matrix.Columns, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData([.. symbols, .. scales.Bytes.Span]))))) continue;
            int[] dims = matrix.Dims;
            var coded = new Coded(symbols, scheme.SymbolCount, dims, ClassCodec.Encode(symbols, scheme.SymbolCount, dims));
            if (!ClassCodec.Decode(coded.Payload, coded.SymbolCount, dims).AsSpan().SequenceEqual(symbols)) throw new StrataFormatException($"{name}: {matrix.Name} was not decoded as it was encoded");
            all.Add(coded);
            symbolBytes += coded.Payload.Length;
            if (scheme.HasGridScales) scaleBytes += ScaleBytes(scales);
        }
        var target = new byte[BrotliEncoder.GetMaxCompressedLength((int)plain.Length)];
        if (!BrotliEncoder.TryCompress(plain.GetBuffer().AsSpan(0, (int)plain.Length), target, out int brotli, BrotliQuality, BrotliWindow)) throw new InvalidOperationException("brotli refused its input");
        return new(name, plain.Length, entropy, brotli, symbolBytes, scaleBytes);
    }

    // With the header of a constant: type, codec, length and checksum.
    private static long ScaleBytes(Tensor scales)
    {
        var payload = TensorCodec.Scales.Encode(scales);
        return 2 * ConstantHeaderBytes + (payload.IsEmpty ? scales.Bytes.Length : payload.Length);
    }

    // What the headers of a layer's codes and scales take when coded, from above.
    private const int ConstantHeaderBytes = 12;

    // Of the best of several runs for each tensor, so that whatever else the machine does counts little.
    private double Rate<T>(long weights, IReadOnlyList<T> tensors, Action<T> run)
    {
        var best = new long[tensors.Count];
        Array.Fill(best, long.MaxValue);
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < LeastRounds || Stopwatch.GetElapsedTime(start) < s_leastTime; round++)
        {
            cancel.ThrowIfCancellationRequested();
            for (int k = 0; k < best.Length; k++)
            {
                long from = Stopwatch.GetTimestamp();
                run(tensors[k]);
                best[k] = Math.Min(best[k], Stopwatch.GetTimestamp() - from);
            }
        }
        return weights * (double)Stopwatch.Frequency / Math.Max(1, best.Sum());
    }
}

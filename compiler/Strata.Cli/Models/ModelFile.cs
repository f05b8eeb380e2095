using System.Collections.Immutable;
using Strata.Bitstream;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;

namespace Strata.Cli.Models;

/// <summary>Lengths of the parts of an encoded network: everything but the others, layer data, and the preserved ONNX model if there is one.</summary>
internal sealed record Storage(long Headers, long Data, long? PreservedModel);

/// <summary>A model that a verb was given, opened whatever its format.</summary>
internal sealed class ModelFile : IDisposable
{
    private readonly Dictionary<Constant, ConstantRecord> stored = new(ReferenceEqualityComparer.Instance);

    private ModelFile(OnnxModel onnx, ImmutableDictionary<string, long> dims, bool isOneOfSeveral)
    {
        (Name, Onnx, Symbols) = (onnx.Name, onnx, OnnxImporter.SymbolsOf(onnx.Proto.Graph));
        Network = OnnxImporter.Import(onnx, new ImportOptions { Dims = isOneOfSeveral ? dims.RemoveRange(dims.Keys.Where(d => !Symbols.Contains(d))) : dims });
        Bytes = onnx.FileBytes;
    }

    private ModelFile(string name, EncodedNetwork encoded, ImmutableDictionary<string, long> dims, bool isOneOfSeveral)
    {
        (Name, Encoded, Network, Bytes) = (name, encoded, encoded.Network, encoded.FileBytes);
        foreach (var record in encoded.Layers.Prepend(encoded.Header).SelectMany(l => l.Constants)) stored[record.Constant] = record;
        Symbols = RandomInputs.Symbols(Network).ToHashSet(StringComparer.Ordinal);
        if (!isOneOfSeveral) RequireSymbols(dims, this);
    }

    /// <summary>Refuses fixed dimensions that none of the files has.</summary>
    /// <exception cref="InvalidOptionException">There is one.</exception>
    public static void RequireSymbols(ImmutableDictionary<string, long> dims, params ReadOnlySpan<ModelFile> files)
    {
        HashSet<string> known = [];
        foreach (var file in files) known.UnionWith(file.Symbols);
        if (dims.Keys.FirstOrDefault(d => !known.Contains(d)) is not { } unknown) return;
        throw new InvalidOptionException($"{string.Join(" and ", files.ToArray().Select(f => f.Name))} {(files.Length > 1 ? "have" : "has")} no symbolic dimension '{unknown}'; it has {(known.Count == 0 ? "none" : string.Join(", ", known))}");
    }

    /// <summary>What it is called in output and errors: the file name.</summary>
    public string Name { get; }

    /// <summary><c>onnx</c> or <c>strata</c>.</summary>
    public string Format => Onnx is null ? "strata" : "onnx";

    /// <summary>The format as people call it.</summary>
    public string FormatName => Onnx is null ? "encoded network" : "ONNX model";

    /// <summary>Its length, external data included.</summary>
    public long Bytes { get; }

    /// <summary>The symbolic dimensions of its inputs.</summary>
    public IReadOnlySet<string> Symbols { get; }

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>The ONNX model, when it is one.</summary>
    public OnnxModel? Onnx { get; }

    /// <summary>Its bytes when it was read from a stream; null for a file, which can be read again.</summary>
    public byte[]? Content { get; private init; }

    /// <summary>The encoded network, when it is one.</summary>
    public EncodedNetwork? Encoded { get; }

    /// <summary>Opens a model file, or standard input for <c>-</c>.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="terminal">Where standard input is.</param>
    /// <param name="dims">Symbolic dimensions to fix.</param>
    /// <param name="isOneOfSeveral">True when <paramref name="dims"/> may belong to another file: the caller checks them by <see cref="RequireSymbols"/>.</param>
    /// <exception cref="UsageException">There is no such file.</exception>
    /// <exception cref="StrataException">The file is malformed or holds something unsupported.</exception>
    public static ModelFile Open(string path, Terminal terminal, ImmutableDictionary<string, long>? dims = null, bool isOneOfSeveral = false)
    {
        dims ??= ImmutableDictionary<string, long>.Empty;
        byte[]? bytes = ReadStream(path, terminal);
        string name = NameOf(path);
        if (IsEncoded(path, bytes))
        {
            var encoded = bytes is null ? EncodedNetwork.Open(path) : EncodedNetwork.Open(new MemoryByteSource(bytes, name));
            return Guard(encoded, () => new(name, encoded, dims, isOneOfSeveral) { Content = bytes });
        }
        var onnx = bytes is null ? OnnxModel.Load(path) : OnnxModel.Parse(bytes, name);
        return Guard(onnx, () => new(onnx, dims, isOneOfSeveral));
    }

    /// <summary>Opens an ONNX model without importing it.</summary>
    public static OnnxModel OpenOnnx(string path, Terminal terminal)
    {
        byte[]? bytes = ReadStream(path, terminal);
        if (IsEncoded(path, bytes)) throw new UsageException($"{NameOf(path)} is an encoded network; this verb takes an ONNX model");
        return bytes is null ? OnnxModel.Load(path) : OnnxModel.Parse(bytes, NameOf(path));
    }

    /// <summary>How the encoded network divides into parts, or null for another format.</summary>
    public Storage? Storage
    {
        get
        {
            if (Encoded is null) return null;
            long data = Encoded.Layers.Prepend(Encoded.Header).Sum(l => l.DataBytes);
            long? preserved = Encoded.ReadSource()?.Length;
            return new(Bytes - data - (preserved ?? 0), data, preserved);
        }
    }

    /// <summary>Where a layer is stored, or null for another format.</summary>
    public LayerRecord? RecordOf(Layer layer) => Encoded?.Layers[layer.Id];

    /// <summary>Bytes that a constant occupies in the file.</summary>
    public long StoredBytes(Constant constant) => stored.TryGetValue(constant, out var record) ? record.Bytes : constant.ByteCount;

    /// <summary>How a constant is stored.</summary>
    public string CodecOf(Constant constant) => stored.TryGetValue(constant, out var record) ? record.Codec : "raw";

    /// <inheritdoc/>
    public void Dispose()
    {
        Onnx?.Dispose();
        Encoded?.Dispose();
    }

    // Null for a file, which is opened by its path.
    private static byte[]? ReadStream(string path, Terminal terminal)
    {
        if (path != "-") InputFile.RequireExists(path);
        return InputFile.IsStream(path) ? InputFile.ReadAll(path, terminal) : null;
    }

    private static string NameOf(string path) => path == "-" ? "standard input" : Path.GetFileName(path);

    // A damaged .strata file should be reported as one, not as a strange ONNX model.
    private static bool IsEncoded(string path, byte[]? bytes)
    {
        if (bytes is not null) return EncodedNetwork.HasSignature(bytes);
        if (Path.GetExtension(path).Equals(".strata", StringComparison.OrdinalIgnoreCase)) return true;
        Span<byte> start = stackalloc byte[8];
        using var file = File.OpenRead(path);
        return EncodedNetwork.HasSignature(start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
    }

    private static ModelFile Guard(IDisposable opened, Func<ModelFile> make)
    {
        try
        {
            return make();
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }
}

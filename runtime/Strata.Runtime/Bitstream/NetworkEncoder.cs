using Strata.Bitstream.Codecs;
using Strata.Bitstream.Syntax;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Bitstream;

/// <summary>How the elements of constants are stored.</summary>
public enum ConstantCoding
{
    /// <summary>In the codec that makes them shortest.</summary>
    Auto,
    /// <summary>As they lie in memory, so that they can be used in place; nothing in the file is entropy-coded.</summary>
    Raw,
}

/// <summary>How a network is encoded.</summary>
public sealed record EncodeOptions
{
    /// <summary>The operators that the network may use.</summary>
    public IOperatorSet Operators { get; init; } = OperatorCatalog.Standard;

    /// <summary>How the elements of constants are stored.</summary>
    public ConstantCoding Coding { get; init; }

    /// <summary>Makes the optional source section from the distinct constants, in the order of <see cref="EncodedNetwork.Constants"/>.</summary>
    public Func<IReadOnlyList<Constant>, ReadOnlyMemory<byte>>? Source { get; init; }

    /// <summary>Hears of the bytes of constants encoded so far and of all.</summary>
    public IProgress<(long Done, long Total)>? Progress { get; init; }
}

/// <summary>What an encoding came to, in bytes.</summary>
public sealed record EncodeReport(long FileBytes, long HeaderBytes, long DataBytes, long SourceBytes, int ConstantCount);

/// <summary>Writes networks in the encoded form (docs/bitstream.md). One constant at a time is in memory.</summary>
public static class NetworkEncoder
{
    private const int Alignment = FileDirectory.Alignment, ShortPayload = 64;

    /// <summary>Encodes a network to a stream, front to back. The same network gives the same bytes everywhere.</summary>
    /// <exception cref="ResourceLimitException">The network exceeds a limit of the format.</exception>
    public static EncodeReport Encode(Network network, Stream output, EncodeOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new EncodeOptions();
        var table = new ConstantTable(network);
        // Headers state lengths and checksums of payloads and precede them, so payloads wait in a temporary file.
        using var data = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        var units = EncodeData(table, data, options, cancel);
        ushort version = options.Coding == ConstantCoding.Raw ? (ushort)0 : Prologue.Minor;
        var (headers, needed) = EncodeHeaders(network, table, units, options.Operators, version);
        if (needed > version + 1)
        {
            version = (ushort)(needed - 1);
            (headers, _) = EncodeHeaders(network, table, units, options.Operators, version);
        }

        var optional = new List<(SectionKind Kind, ReadOnlyMemory<byte> Bytes)>();
        if (network.Metadata.Count > 0) optional.Add((SectionKind.Metadata, MetadataSection.Write(network.Metadata)));
        if (options.Source is not null) optional.Add((SectionKind.Source, options.Source(table.All)));
        if (version >= Prologue.CodedHeaders) units = [new([], 0, data.Length)];
        return Write(output, version, data, units, headers, optional, table.All.Count);
    }

    /// <summary>Bytes that the elements of a constant take in a file, in the codec that makes them shortest; another one's transpose apart, which takes none.</summary>
    public static long LengthOf(Constant constant)
    {
        var plain = TensorCodec.For(constant.Type.ElementType);
        if (InlinePayload(constant, plain) is { } payload) return payload.Length;
        if (Shortest(constant) is { } shortest) return shortest.Payload.Length;
        if (!PlaneCodec.Suits(constant.Type.ElementType)) return LengthOf(constant, plain);
        return Math.Min(constant.ByteCount, LengthOf(constant, TensorCodec.Planes));
    }

    private static long LengthOf(Constant constant, TensorCodec codec)
    {
        long length = 0;
        codec.Encode(constant, block => length += block.Length);
        return length;
    }

    private sealed record Unit(List<ConstantHeader> Constants, long DataStart, long DataLength);

    private static List<Unit> EncodeData(ConstantTable table, Stream data, EncodeOptions options, CancellationToken cancel)
    {
        var units = new List<Unit>();
        long done = 0, total = table.All.Sum(c => c.ByteCount);
        for (int u = 0; u < table.UnitCount; u++)
        {
            if (options.Coding == ConstantCoding.Raw) Align(data);
            long start = data.Position;
            var headers = new List<ConstantHeader>();
            foreach (var constant in table[u])
            {
                cancel.ThrowIfCancellationRequested();
                headers.Add(EncodeConstant(constant, table, data, start, options.Coding));
                done += constant.ByteCount;
                options.Progress?.Report((done, total));
            }
            units.Add(new(headers, start, data.Position - start));
        }
        return units;
    }

    private static ConstantHeader EncodeConstant(Constant constant, ConstantTable table, Stream data, long start, ConstantCoding coding)
    {
        var plain = TensorCodec.For(constant.Type.ElementType);
        if (InlinePayload(constant, plain) is { } payload)
            return new() { Type = constant.Type, Codec = plain.Number, IsInline = true, InlinePayload = payload, Length = payload.Length };
        if (coding == ConstantCoding.Auto && table.TransposeOf(constant) is { } other)
            return new() { Type = constant.Type, Codec = TensorCodec.Transposed.Number, IsInline = true, Source = other };
        if (coding == ConstantCoding.Auto && Shortest(constant) is { } shortest)
        {
            var header = new ConstantHeader { Type = constant.Type, Codec = shortest.Codec.Number, Offset = data.Position - start, Length = shortest.Payload.Length, Crc = Checksum.Of(shortest.Payload.Span) };
            data.Write(shortest.Payload.Span);
            return header;
        }
        long end = data.Position;
        if (coding == ConstantCoding.Auto && PlaneCodec.Suits(constant.Type.ElementType) && Write(constant, TensorCodec.Planes, data, start) is { } coded && coded.Length < constant.ByteCount) return coded;
        data.SetLength(end);
        data.Position = end;
        return Write(constant, plain, data, start);
    }

    // The shortest payload among codecs that want all elements at once; null where none of those for tensors of some kind is for this one, or raw is as short.
    private static (TensorCodec Codec, ReadOnlyMemory<byte> Payload)? Shortest(Constant constant)
    {
        (TensorCodec Codec, ReadOnlyMemory<byte> Payload)? best = null;
        if (constant.Count == 0) return best;
        foreach (var codec in TensorCodec.Shortening(constant.Type.ElementType, constant.Count))
        {
            if (codec == TensorCodec.Planes && best is null) continue;
            var payload = codec.Encode(constant.Materialize());
            if (!payload.IsEmpty && payload.Length < (best?.Payload.Length ?? constant.ByteCount)) best = (codec, payload);
        }
        return best;
    }

    private static ConstantHeader Write(Constant constant, TensorCodec codec, Stream data, long start)
    {
        if (codec.IsAligned) Align(data);
        var header = new ConstantHeader { Type = constant.Type, Codec = codec.Number, Offset = data.Position - start };
        codec.Encode(constant, block =>
        {
            header.Crc = Checksum.Of(block.Span, header.Crc);
            header.Length += block.Length;
            data.Write(block.Span);
        });
        return header;
    }

    // Short payloads, and what shapes are computed from, stand in the header: opening a file needs no data.
    private static ReadOnlyMemory<byte>? InlinePayload(Constant constant, TensorCodec codec)
    {
        if (constant.Count > Limits.InlineElements && constant.ByteCount > ShortPayload) return null;
        var payload = codec.Encode(constant.Materialize());
        bool isShape = constant.Type.ElementType is ElementType.Int32 or ElementType.Int64 && constant.Count <= Limits.InlineElements;
        return payload.Length <= ShortPayload || isShape ? payload : default(ReadOnlyMemory<byte>?);
    }

    // One for each unit, or one in all where they are coded; and the format version that they need.
    private static (List<ReadOnlyMemory<byte>> Headers, int NeededVersion) EncodeHeaders(Network network, ConstantTable table, List<Unit> units, IOperatorSet operators, ushort version)
    {
        var context = new WritingContext(operators, table, version);
        var numbers = new ValueNumbers();
        var signature = new SyntaxWriter();
        BodySyntax.Signature(signature, context, numbers, network);

        var layers = new List<SyntaxWriter>();
        for (int k = 0; k < network.Layers.Length; k++)
        {
            context.Unit = k + 1;
            var writer = new SyntaxWriter();
            UnitSyntax.Constants(writer, context, units[k + 1].Constants);
            LayerSyntax.Walk(writer, context, numbers, network.Layers[k], null);
            layers.Add(writer);
        }
        context.Unit = 0;
        var outputs = new SyntaxWriter();
        BodySyntax.Outputs(outputs, context, numbers, network, null);

        // Symbols are numbered while they are met, so their table is written last and stands first.
        var first = new SyntaxWriter();
        UnitSyntax.Symbols(first, context.Symbols);
        UnitSyntax.Constants(first, context, units[0].Constants);
        first.Append(signature);
        bool isCoded = version >= Prologue.CodedHeaders;
        if (isCoded)
        {
            int count = layers.Count;
            first.Count("layers", ref count, Limits.Values);
            foreach (var layer in layers) first.Append(layer);
        }
        first.Append(outputs);
        List<ReadOnlyMemory<byte>> plain = isCoded ? [first.Written] : [first.Written, .. layers.Select(l => l.Written)];
        context.CheckFormulaWeight(plain.Sum(h => (long)h.Length));
        return (isCoded ? [CodedHeaders.Encode(first, context.FormulaWeight, version)] : plain, context.NeededVersion);
    }

    private static EncodeReport Write(Stream output, ushort version, Stream data, List<Unit> units, List<ReadOnlyMemory<byte>> headers, List<(SectionKind Kind, ReadOnlyMemory<byte> Bytes)> optional, int constants)
    {
        var entries = new List<DirectoryEntry>();
        int entryCount = 2 * units.Count + optional.Count;
        var prologue = new Prologue(entryCount, 0, 0, version);
        long headersStart = Prologue.Size + (long)entryCount * DirectoryEntry.Size, headersLength = headers.Sum(h => (long)h.Length);
        long dataStart = FileDirectory.Align(headersStart + headersLength), position = headersStart;
        for (int u = 0; u < units.Count; u++)
        {
            entries.Add(new(prologue.KindOf(isData: false), true, u, position, headers[u].Length, Checksum.Of(headers[u].Span)));
            position += headers[u].Length;
            entries.Add(new(prologue.KindOf(isData: true), true, u, dataStart + units[u].DataStart, units[u].DataLength, 0)); // each constant has its own checksum
        }
        position = dataStart + data.Length;
        foreach (var (kind, bytes) in optional)
        {
            entries.Add(new(kind, false, 0, position, bytes.Length, Checksum.Of(bytes.Span)));
            position += bytes.Length;
        }

        var front = new byte[headersStart];
        (prologue with { FileLength = position }).Write(front.AsSpan(0, Prologue.Size));
        for (int i = 0; i < entries.Count; i++) entries[i].Write(front.AsSpan(Prologue.Size + i * DirectoryEntry.Size, DirectoryEntry.Size), i);
        output.Write(front);
        foreach (var header in headers) output.Write(header.Span);
        output.Write(new byte[dataStart - headersStart - headersLength]);
        data.Position = 0;
        data.CopyTo(output);
        foreach (var (_, bytes) in optional) output.Write(bytes.Span);
        return new(position, dataStart, data.Length, optional.Where(o => o.Kind == SectionKind.Source).Sum(o => (long)o.Bytes.Length), constants);
    }

    private static void Align(Stream data)
    {
        Span<byte> zeros = stackalloc byte[Alignment];
        zeros.Clear();
        data.Write(zeros[..(int)(FileDirectory.Align(data.Position) - data.Position)]);
    }

    private sealed class WritingContext(IOperatorSet operators, ConstantTable table, ushort version) : UnitContext(operators, version + 1)
    {
        private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);

        public List<string> Symbols { get; } = [];

        public override int NumberOf(string symbol)
        {
            if (!numbers.TryGetValue(symbol, out int number))
            {
                numbers[symbol] = number = Symbols.Count;
                Symbols.Add(symbol);
            }
            return number;
        }

        public override Dim SymbolOf(int number) => Dim.Symbol(Symbols[number]);

        public override ConstantPlace PlaceOf(Constant constant) => table.PlaceOf(constant);

        public override Constant ConstantAt(ConstantPlace place) => table[place.Unit][place.Index];
    }
}

using System.Globalization;
using System.Text;
using Strata.Bitstream.Syntax;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Bitstream;

/// <summary>Rebuilds a network from unit headers.</summary>
internal sealed class NetworkReader(IByteSource source, FileDirectory directory, DecodeOptions options, StringBuilder? trace)
{
    private readonly ReadingContext context = new(options.Catalog, directory.FormatVersion);

    public (Network Network, IReadOnlyList<Constant> Constants, IReadOnlyList<LayerRecord> Layers, LayerRecord Header) Read()
    {
        var headers = directory.ReadHeaders(source);
        var numbers = new ValueNumbers();
        var (networkReader, s) = Start(headers[0], 0);
        context.Symbols = UnitSyntax.Symbols(s, []);
        ReadConstants(s, 0);
        var builder = BodySyntax.Signature(s, context, numbers, null)!;

        var layers = new List<LayerRecord>();
        for (int u = 1; u < directory.UnitCount; u++)
        {
            context.Unit = u;
            var (reader, layerSyntax) = Start(headers[u], u);
            ReadConstants(layerSyntax, u);
            LayerSyntax.Walk(layerSyntax, context, numbers, null, builder);
            reader.End();
            var layer = builder.Layers[u - 1];
            layers.Add(Record(u, layer.Name, options.Catalog.RowOf(layer.Operator).Name));
        }

        context.Unit = 0;
        trace?.Append("network, continued\n");
        BodySyntax.Outputs(s, context, numbers, null, builder);
        networkReader.End();
        if (directory.Find(SectionKind.Metadata) is { } metadata)
            builder.Metadata = MetadataSection.Read(new SyntaxReader(directory.ReadSection(source, metadata), $"{source.Name}: metadata"));
        var network = builder.Build();
        NetworkVerifier.Verify(network);
        return (network, [.. context.Constants.SelectMany(c => c)], layers, Record(0, network.Name, ""));
    }

    /// <summary>Reads what belongs to one layer without the rest of the network.</summary>
    public static LayerRecord ReadLayer(IByteSource source, int layer, DecodeOptions options)
    {
        var prologue = FileDirectory.ReadPrologue(source);
        int unit = layer + 1, first = 2 * unit;
        if (layer < 0 || first + 1 >= prologue.EntryCount) throw new ArgumentOutOfRangeException(nameof(layer), layer, $"{source.Name} has no such layer");
        Span<byte> bytes = stackalloc byte[2 * DirectoryEntry.Size];
        source.Read(Prologue.Size + (long)first * DirectoryEntry.Size, bytes);
        var header = DirectoryEntry.Read(bytes, first, prologue.FileLength, source.Name);
        var data = DirectoryEntry.Read(bytes[DirectoryEntry.Size..], first + 1, prologue.FileLength, source.Name);
        if (header.Kind != SectionKind.UnitHeader || data.Kind != SectionKind.UnitData || header.Ordinal != unit || data.Ordinal != unit)
            throw new ArgumentOutOfRangeException(nameof(layer), layer, $"{source.Name} has no such layer");

        var section = new byte[header.Length];
        source.Read(header.Offset, section);
        if (Checksum.Of(section) != header.Crc) throw new StrataFormatException($"{source.Name}: the header of layer {layer} is corrupt (checksum)");
        var reader = new SyntaxReader(section, $"{source.Name}: layer {layer}");
        var context = new ReadingContext(options.Catalog, prologue.FormatVersion) { Unit = unit };
        var constants = new List<Constant>();
        UnitSyntax.Constants(reader, context, [], c => constants.Add(new EncodedConstant(source, c, data.Offset, data.Length, options.MaxMemory)));
        var (op, name) = LayerSyntax.Identify(reader, context);
        return new(layer, name, op.Name, header.Length, data.Offset, data.Length, [.. constants.Select(Describe)]);
    }

    private (SyntaxReader Reader, FieldSyntax Syntax) Start(ReadOnlyMemory<byte> header, int unit)
    {
        string what = unit == 0 ? "network" : $"layer {unit - 1}";
        var reader = new SyntaxReader(header, $"{source.Name}: {what}");
        if (trace is null) return (reader, reader);
        trace.Append(CultureInfo.InvariantCulture, $"{what}\n");
        return (reader, new SyntaxTracer(reader, trace));
    }

    private void ReadConstants(FieldSyntax s, int unit)
    {
        context.Constants.Add([]);
        UnitSyntax.Constants(s, context, [], c => context.Constants[unit].Add(new EncodedConstant(source, c, directory.Data(unit).Offset, directory.Data(unit).Length, options.MaxMemory)));
    }

    private LayerRecord Record(int unit, string name, string op) => new(unit - 1, name, op, directory.Header(unit).Length,
        directory.Data(unit).Offset, directory.Data(unit).Length, [.. context.Constants[unit].Select(Describe)]);

    private static ConstantRecord Describe(Constant constant)
    {
        var encoded = (EncodedConstant)constant;
        return new(encoded, encoded.Codec.Name, encoded.PayloadBytes, encoded.IsInline);
    }

    private sealed class ReadingContext(OperatorCatalog catalog, int formatVersion) : UnitContext(catalog, formatVersion)
    {
        public List<string> Symbols { get; set; } = [];

        public List<List<Constant>> Constants { get; } = [];

        public override int NumberOf(string symbol) => throw new InvalidOperationException("symbols are numbered when writing");

        public override string SymbolOf(int number) => number < Symbols.Count ? Symbols[number] : throw new StrataFormatException($"dimension symbol {number} of {Symbols.Count}");

        public override ConstantPlace PlaceOf(Constant constant) => throw new InvalidOperationException("constants are placed when writing");

        public override Constant ConstantAt(ConstantPlace place) => place.Unit < Constants.Count && place.Index < Constants[place.Unit].Count
            ? Constants[place.Unit][place.Index]
            : throw new StrataFormatException($"constant {place.Index} of unit {place.Unit} does not exist");
    }
}

using System.Globalization;
using System.Text;
using Strata.Bitstream.Syntax;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Bitstream;

/// <summary>Rebuilds a network from unit headers.</summary>
internal sealed class NetworkReader(IByteSource source, FileDirectory directory, DecodeOptions options, StringBuilder? trace)
{
    private readonly ReadingContext context = new(options.Operators, directory.FormatVersion);

    private readonly double[] headerBits = new double[Enum.GetValues<HeaderPart>().Length];
    private long dataEnd; // where headers are coded: behind the constants so far

    public (Network Network, IReadOnlyList<Constant> Constants, IReadOnlyList<LayerRecord> Layers, LayerRecord Header) Read()
    {
        var headers = directory.ReadHeaders(source);
        context.HeaderBytes = headers.Sum(h => (long)h.Length);
        var numbers = new ValueNumbers();
        var network = directory.HasCodedHeaders ? new SyntaxReader(new CodedHeaders(headers[0], directory.MinorVersion, source.Name), $"{source.Name}: headers") : new(headers[0], $"{source.Name}: network");
        var s = Trace(network, 0);
        context.SetSymbols(UnitSyntax.Symbols(s, []));
        var networkData = ReadConstants(s, 0);
        var builder = BodySyntax.Signature(s, context, numbers, null)!;
        int layerCount = directory.UnitCount - 1;
        if (directory.HasCodedHeaders) s.Count("layers", ref layerCount, Limits.Values);
        long networkBytes = network.StoredPosition;

        var layers = new List<LayerRecord>();
        for (int u = 1; u <= layerCount; u++)
        {
            context.Unit = u;
            var reader = directory.HasCodedHeaders ? network : new(headers[u], $"{source.Name}: layer {u - 1}");
            var layerSyntax = Trace(reader, u);
            int start = reader.StoredPosition;
            var data = ReadConstants(layerSyntax, u);
            LayerSyntax.Walk(layerSyntax, context, numbers, null, builder);
            if (!directory.HasCodedHeaders) End(reader);
            var layer = builder.Layers[u - 1];
            layers.Add(Record(u, layer.Name, options.Operators.NameOf(layer.Operator), reader.StoredPosition - start, data));
        }

        context.Unit = 0;
        trace?.Append("network, continued\n");
        long outputsStart = network.StoredPosition;
        BodySyntax.Outputs(s, context, numbers, null, builder);
        End(network);
        networkBytes += directory.HasCodedHeaders ? headers[0].Length - outputsStart : network.StoredPosition - networkBytes;
        if (directory.Find(SectionKind.Metadata) is { } metadata)
            builder.Metadata = MetadataSection.Read(new SyntaxReader(directory.ReadSection(source, metadata), $"{source.Name}: metadata"));
        var result = builder.Build();
        NetworkVerifier.Verify(result);
        return (result, [.. context.Constants.SelectMany(c => c)], layers, Record(0, result.Name, "", networkBytes, networkData));
    }

    /// <summary>Bytes of the headers by what they say.</summary>
    public HeaderSizes HeaderSizes => new(headerBits[(int)HeaderPart.Topology] / 8, headerBits[(int)HeaderPart.Names] / 8, headerBits[(int)HeaderPart.Constants] / 8);

    private void End(SyntaxReader reader)
    {
        reader.End();
        for (int i = 0; i < headerBits.Length; i++) headerBits[i] += reader.StoredBits[i];
    }

    private FieldSyntax Trace(SyntaxReader reader, int unit)
    {
        if (trace is null) return reader;
        trace.Append(CultureInfo.InvariantCulture, $"{(unit == 0 ? "network" : $"layer {unit - 1}")}\n");
        return new SyntaxTracer(reader, trace);
    }

    // Gives where the unit's constants lie in the file.
    private (long Offset, long Length) ReadConstants(FieldSyntax s, int unit)
    {
        context.Constants.Add([]);
        var data = directory.Data(directory.HasCodedHeaders ? 0 : unit);
        long start = dataEnd;
        UnitSyntax.Constants(s, context, [], c =>
        {
            if (directory.HasCodedHeaders) dataEnd = c.Follow(dataEnd);
            context.Constants[unit].Add(new EncodedConstant(source, c, data.Offset, data.Length, options.MaxMemory));
        });
        return directory.HasCodedHeaders ? (data.Offset + start, dataEnd - start) : (data.Offset, data.Length);
    }

    private LayerRecord Record(int unit, string name, string op, long headerBytes, (long Offset, long Length) data) => new(unit - 1, name, op, headerBytes,
        data.Offset, data.Length, [.. context.Constants[unit].Select(Describe)]);

    public static ConstantRecord Describe(Constant constant)
    {
        var encoded = (EncodedConstant)constant;
        return new(encoded, encoded.Codec.Name, encoded.PayloadBytes, encoded.IsInline);
    }
}

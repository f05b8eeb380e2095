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

    public (Network Network, IReadOnlyList<Constant> Constants, IReadOnlyList<LayerRecord> Layers, LayerRecord Header) Read()
    {
        var headers = directory.ReadHeaders(source);
        context.HeaderBytes = headers.Sum(h => (long)h.Length);
        var numbers = new ValueNumbers();
        var (networkReader, s) = Start(headers[0], 0);
        context.SetSymbols(UnitSyntax.Symbols(s, []));
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
            layers.Add(Record(u, layer.Name, options.Operators.NameOf(layer.Operator)));
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

    public static ConstantRecord Describe(Constant constant)
    {
        var encoded = (EncodedConstant)constant;
        return new(encoded, encoded.Codec.Name, encoded.PayloadBytes, encoded.IsInline);
    }
}

using Strata.Bitstream.Entropy;
using Strata.Bitstream.Syntax;

namespace Strata.Bitstream;

/// <summary>
/// The section that holds all headers of a network, entropy-coded (docs/bitstream.md, "Coded headers"). What its fields may
/// become in memory is bounded by its length, so that a short file stays cheap to open.
/// </summary>
internal sealed class CodedHeaders
{
    private const int ShortSection = 1024;

    /// <summary>A factor counts as so many items: rules of shapes multiply formulas.</summary>
    public const int FactorItems = 4;

    private readonly byte[] bytes;
    private readonly FieldDecoder decoder;
    private readonly int start;
    private long itemsLeft;

    /// <summary>Opens a section.</summary>
    /// <exception cref="StrataFormatException">It announces more than a section of its length may hold.</exception>
    public CodedHeaders(ReadOnlyMemory<byte> section, int minorVersion, string name)
    {
        var head = new SyntaxReader(section, name);
        long length = 0;
        head.Unsigned("fields_length", ref length, Math.Min(Limits.HeaderBytes, MostBytes(section.Length)));
        var stream = ReadOnlyMemory<byte>.Empty;
        head.Bytes("stream", ref stream, section.Length);
        (bytes, decoder, itemsLeft) = (new byte[length], new FieldDecoder(stream, (int)length, minorVersion), MostItems(section.Length));
        start = head.Position - stream.Length;
    }

    /// <summary>All fields, zeros where they are not decoded yet.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>Bytes of the section used so far.</summary>
    public int StoredPosition => start + decoder.Position;

    /// <summary>Bits of the section that the fields so far take.</summary>
    public double StoredBits => 8.0 * start + decoder.Bits;

    /// <summary>A field begins.</summary>
    public void Begin(string name, bool isText = false) => decoder.Begin(name, isText);

    /// <summary>Decodes the next bytes.</summary>
    public void Read(int position, int count) => decoder.Read(bytes.AsSpan(position, count));

    /// <summary>Counts the items of a list, or the factors of a term.</summary>
    public void CountItems(long items, bool areFactors)
    {
        if ((itemsLeft -= areFactors ? FactorItems * items : items) < 0) throw new StrataFormatException("the lists of coded headers have more items than a section of its length may hold");
    }

    /// <summary>Checks that the stream ends here.</summary>
    public void End() => decoder.End();

    /// <summary>The section of fields whose dimensions have a weight.</summary>
    public static ReadOnlyMemory<byte> Encode(SyntaxWriter fields, long formulaWeight, int minorVersion)
    {
        var writer = new SyntaxWriter();
        long length = fields.Written.Length;
        ReadOnlyMemory<byte> stream = FieldEncoder.Encode(fields.Written.Span, fields.Fields, minorVersion);
        writer.Unsigned("fields_length", ref length, Limits.HeaderBytes);
        writer.Bytes("stream", ref stream, Limits.HeaderBytes);
        int needed = writer.Written.Length;
        while (MostBytes(needed) < length || MostItems(needed) < fields.Items || UnitContext.MostFormulaWeight(needed) < Math.Min(formulaWeight, Limits.FormulaWeight)) needed += needed / 64 + 1; // zeros
        var section = new byte[needed];
        writer.Written.CopyTo(section);
        return section;
    }

    // A kilobyte is opened within a megabyte, whatever it says; what is longer may be as repetitive as real networks are.
    private static long MostBytes(long section) => (section <= ShortSection ? 4 : 64) * section;

    private static long MostItems(long section) => section <= ShortSection ? section / 8 : 4 * section;
}

using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Strata.Bitstream.Entropy;

namespace Strata.Bitstream.Syntax;

/// <summary>What a header field says: how layers are connected, what things are called, or what a constant holds.</summary>
internal enum HeaderPart
{
    Topology,
    Names,
    Constants,
}

/// <summary>Reads fields of one section; everything that is not as written fails with the section, the field and the byte.</summary>
internal sealed class SyntaxReader : FieldSyntax
{
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly string section;
    private readonly CodedHeaders? coded; // fills the bytes when they are taken
    private int position;
    private HeaderPart part; // of the field being read
    private double counted; // bits of the fields before it

    /// <summary>Reads fields that stand in a section as they are.</summary>
    public SyntaxReader(ReadOnlyMemory<byte> bytes, string section) => (this.bytes, this.section) = (bytes, section);

    /// <summary>Reads fields that are coded.</summary>
    public SyntaxReader(CodedHeaders coded, string section) : this(coded.Bytes, section) => this.coded = coded;

    public override bool IsReading => true;

    /// <summary>The next byte to read.</summary>
    public int Position => position;

    /// <summary>Bytes of the file that the fields so far take.</summary>
    public int StoredPosition => coded?.StoredPosition ?? position;

    /// <summary>Bits of the file that the fields so far take, by what they say.</summary>
    public double[] StoredBits { get; } = new double[Enum.GetValues<HeaderPart>().Length];

    public override void Unsigned(string name, ref long value, long max)
    {
        Begin(name);
        value = Number(name, max);
    }

    private long Number(string name, long max)
    {
        int start = position;
        ulong result = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = Take(name, 1)[0];
            if (shift == 63 || shift > 0 && b == 0) throw Fail(name, start, "is not in its shortest form");
            result |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) break;
        }
        if (result > (ulong)max) throw Fail(name, start, $"is {result}, allowed are 0 to {max}");
        return (long)result;
    }

    public override void Fixed32(string name, ref uint value)
    {
        Begin(name);
        value = BinaryPrimitives.ReadUInt32LittleEndian(Take(name, 4));
    }

    public override void Text(string name, ref string value, int maxBytes = Limits.NameBytes)
    {
        int start = position;
        Begin(name, isText: true);
        var utf8 = TakeBytes(name, maxBytes);
        if (!Utf8.IsValid(utf8.Span)) throw Fail(name, start, "is not UTF-8");
        value = Encoding.UTF8.GetString(utf8.Span);
    }

    public override void Bytes(string name, ref ReadOnlyMemory<byte> value, int maxBytes)
    {
        Begin(name);
        value = TakeBytes(name, maxBytes);
    }

    private void Begin(string name, bool isText = false)
    {
        Count();
        part = isText ? HeaderPart.Names : name is "payload" or "length" or "crc32c" ? HeaderPart.Constants : HeaderPart.Topology;
        coded?.Begin(name, isText);
    }

    private void Count()
    {
        double bits = coded?.StoredBits ?? 8.0 * position;
        StoredBits[(int)part] += bits - counted;
        counted = bits;
    }

    private ReadOnlyMemory<byte> TakeBytes(string name, int maxBytes)
    {
        int length = (int)Number(name, maxBytes);
        Take(name, length);
        return bytes.Slice(position - length, length);
    }

    public override void Count(string name, ref int value, int max)
    {
        long count = 0;
        Unsigned(name, ref count, max);
        if (count > bytes.Length - position) throw Fail(name, position, $"announces {count} items in the {bytes.Length - position} bytes left");
        coded?.CountItems(count, name == TypeSyntax.Factors);
        value = (int)count;
    }

    /// <summary>Refuses bytes after the last field.</summary>
    public void End()
    {
        if (position != bytes.Length) throw Fail("end", position, $"is followed by {bytes.Length - position} bytes");
        coded?.End();
        Count();
    }

    private ReadOnlySpan<byte> Take(string name, int count)
    {
        if (count > bytes.Length - position) throw Fail(name, position, "lies beyond the end of the section");
        position += count;
        coded?.Read(position - count, count);
        return bytes.Span.Slice(position - count, count);
    }

    public StrataFormatException Fail(string name, int at, string sentence) => new($"{section}: field '{name}' at byte {at} {sentence}");
}

using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Strata.Bitstream.Syntax;

/// <summary>Reads fields of one section; everything that is not as written fails with the section, the field and the byte.</summary>
internal sealed class SyntaxReader(ReadOnlyMemory<byte> bytes, string section) : FieldSyntax
{
    private int position;

    public override bool IsReading => true;

    /// <summary>The next byte to read.</summary>
    public int Position => position;

    public override void Unsigned(string name, ref long value, long max)
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
        value = (long)result;
    }

    public override void Fixed32(string name, ref uint value) => value = BinaryPrimitives.ReadUInt32LittleEndian(Take(name, 4));

    public override void Text(string name, ref string value, int maxBytes = Limits.NameBytes)
    {
        int start = position;
        var utf8 = ReadOnlyMemory<byte>.Empty;
        Bytes(name, ref utf8, maxBytes);
        if (!Utf8.IsValid(utf8.Span)) throw Fail(name, start, "is not UTF-8");
        value = Encoding.UTF8.GetString(utf8.Span);
    }

    public override void Bytes(string name, ref ReadOnlyMemory<byte> value, int maxBytes)
    {
        long length = 0;
        Unsigned(name, ref length, maxBytes);
        Take(name, (int)length);
        value = bytes.Slice(position - (int)length, (int)length);
    }

    public override void Count(string name, ref int value, int max)
    {
        long count = 0;
        Unsigned(name, ref count, max);
        if (count > bytes.Length - position) throw Fail(name, position, $"announces {count} items in the {bytes.Length - position} bytes left");
        value = (int)count;
    }

    /// <summary>Refuses bytes after the last field.</summary>
    public void End()
    {
        if (position != bytes.Length) throw Fail("end", position, $"is followed by {bytes.Length - position} bytes");
    }

    private ReadOnlySpan<byte> Take(string name, int count)
    {
        if (count > bytes.Length - position) throw Fail(name, position, "lies beyond the end of the section");
        position += count;
        return bytes.Span.Slice(position - count, count);
    }

    public StrataFormatException Fail(string name, int at, string sentence) => new($"{section}: field '{name}' at byte {at} {sentence}");
}

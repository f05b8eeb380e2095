using System.Buffers.Binary;
using System.Text;

namespace Strata.Bitstream.Syntax;

/// <summary>Writes fields.</summary>
internal sealed class SyntaxWriter : FieldSyntax
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly MemoryStream stream = new();

    public override bool IsReading => false;

    public ReadOnlyMemory<byte> Written => stream.GetBuffer().AsMemory(0, (int)stream.Length);

    public override void Unsigned(string name, ref long value, long max)
    {
        Check(name, value, max);
        ulong rest = (ulong)value;
        for (; rest >= 0x80; rest >>= 7) stream.WriteByte((byte)(rest | 0x80));
        stream.WriteByte((byte)rest);
    }

    public override void Fixed32(string name, ref uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    public override void Text(string name, ref string value, int maxBytes = Limits.NameBytes)
    {
        ReadOnlyMemory<byte> bytes;
        try
        {
            bytes = Strict.GetBytes(value);
        }
        catch (EncoderFallbackException error)
        {
            throw new InvalidNetworkException($"field '{name}' is not valid Unicode: an unpaired surrogate at character {error.Index}", error);
        }
        Bytes(name, ref bytes, maxBytes);
    }

    public override void Bytes(string name, ref ReadOnlyMemory<byte> value, int maxBytes)
    {
        long length = value.Length;
        Unsigned(name, ref length, maxBytes);
        stream.Write(value.Span);
    }

    public override void Count(string name, ref int value, int max)
    {
        long wide = value;
        Unsigned(name, ref wide, max);
    }

    private static void Check(string name, long value, long max)
    {
        if (value < 0 || value > max) throw new ResourceLimitException($"field '{name}' is {value}; the format allows 0 to {max}");
    }
}

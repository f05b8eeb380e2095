using System.Buffers.Binary;
using System.Text;
using Strata.Bitstream.Entropy;

namespace Strata.Bitstream.Syntax;

/// <summary>Writes fields.</summary>
internal sealed class SyntaxWriter : FieldSyntax
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly MemoryStream stream = new();
    private readonly List<FieldStart> fields = [];

    public override bool IsReading => false;

    public ReadOnlyMemory<byte> Written => stream.GetBuffer().AsMemory(0, (int)stream.Length);

    /// <summary>The fields written, in order.</summary>
    public IReadOnlyList<FieldStart> Fields => fields;

    /// <summary>Items of all lists written.</summary>
    public long Items { get; private set; }

    /// <summary>Appends what another writer wrote.</summary>
    public void Append(SyntaxWriter other)
    {
        int start = (int)stream.Length;
        fields.AddRange(other.fields.Select(f => f with { Position = start + f.Position }));
        Items += other.Items;
        stream.Write(other.Written.Span);
    }

    public override void Unsigned(string name, ref long value, long max)
    {
        Begin(name);
        Number(name, value, max);
    }

    private void Begin(string name, bool isText = false) => fields.Add(new((int)stream.Length, name, isText));

    private void Number(string name, long value, long max)
    {
        Check(name, value, max);
        ulong rest = (ulong)value;
        for (; rest >= 0x80; rest >>= 7) stream.WriteByte((byte)(rest | 0x80));
        stream.WriteByte((byte)rest);
    }

    public override void Fixed32(string name, ref uint value)
    {
        Begin(name);
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
        Begin(name, isText: true);
        Write(name, bytes.Span, maxBytes);
    }

    public override void Bytes(string name, ref ReadOnlyMemory<byte> value, int maxBytes)
    {
        Begin(name);
        Write(name, value.Span, maxBytes);
    }

    private void Write(string name, ReadOnlySpan<byte> value, int maxBytes)
    {
        Number(name, value.Length, maxBytes);
        stream.Write(value);
    }

    public override void Count(string name, ref int value, int max)
    {
        long wide = value;
        Unsigned(name, ref wide, max);
        Items += name == TypeSyntax.Factors ? CodedHeaders.FactorItems * value : value;
    }

    private static void Check(string name, long value, long max)
    {
        if (value < 0 || value > max) throw new ResourceLimitException($"field '{name}' is {value}; the format allows 0 to {max}");
    }
}

using Strata.Bitstream.Codecs;
using Strata.Networks;

namespace Strata.Bitstream.Syntax;

/// <summary>Where and how one constant is stored: within the header (short payloads) or in the unit's data.</summary>
internal sealed class ConstantHeader
{
    public TensorType? Type;
    public int Codec;
    public long Length;
    public bool IsInline;
    public ReadOnlyMemory<byte> InlinePayload;
    public long Offset; // from the start of the unit's data, or of all data where headers are coded
    public uint Crc;
    public Constant? Source; // whose transpose it is

    /// <summary>Longest payload that may stand in the header: what shapes are computed from, as i64.</summary>
    public const int MaxInline = Limits.InlineElements * sizeof(long);

    /// <summary>Puts the payload behind a position, aligned as its codec wants it, unless it stands in the header; returns the end.</summary>
    /// <exception cref="StrataFormatException">The codec is not known.</exception>
    public long Follow(long position)
    {
        if (IsInline) return position;
        Offset = TensorCodec.Get(Codec).IsAligned ? FileDirectory.Align(position) : position;
        return Offset + Length;
    }

    // Since then constants lie one behind the other.
    private const int CodedVersion = Prologue.CodedHeaders + 1;

    // The codecs of format 1.0; those with larger numbers came with 1.2.
    private const int FirstCodecs = 3, LaterCodecsVersion = Prologue.Candidates + 1;

    public static void Walk(FieldSyntax s, UnitContext context, ref ConstantHeader? constant)
    {
        constant ??= new ConstantHeader();
        TypeSyntax.Walk(s, context, ref constant.Type);
        s.Int("codec", ref constant.Codec, byte.MaxValue);
        if (constant.Codec >= FirstCodecs && context.FormatVersion < LaterCodecsVersion) throw new StrataFormatException($"tensor codec {constant.Codec} is not known to the format version of the file");
        if (constant.Codec == TensorCodec.Transposed.Number)
        {
            TypeSyntax.Walk(s, context, ref constant.Source);
            constant.IsInline = true;
            return;
        }
        s.Flag("inline", ref constant.IsInline);
        if (constant.IsInline)
        {
            s.Bytes("payload", ref constant.InlinePayload, MaxInline);
            constant.Length = constant.InlinePayload.Length;
            return;
        }
        s.Unsigned("length", ref constant.Length, Limits.TensorBytes);
        if (context.FormatVersion < CodedVersion) s.Unsigned("offset", ref constant.Offset, long.MaxValue);
        s.Fixed32("crc32c", ref constant.Crc);
    }
}

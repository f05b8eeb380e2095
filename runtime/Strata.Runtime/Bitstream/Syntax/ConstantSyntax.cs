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
    public long Offset; // from the start of the unit's data
    public uint Crc;

    /// <summary>Longest payload that may stand in the header: what shapes are computed from, as i64.</summary>
    public const int MaxInline = Limits.InlineElements * sizeof(long);

    public static void Walk(FieldSyntax s, UnitContext context, ref ConstantHeader? constant)
    {
        constant ??= new ConstantHeader();
        TypeSyntax.Walk(s, context, ref constant.Type);
        s.Int("codec", ref constant.Codec, byte.MaxValue);
        s.Flag("inline", ref constant.IsInline);
        if (constant.IsInline)
        {
            s.Bytes("payload", ref constant.InlinePayload, MaxInline);
            constant.Length = constant.InlinePayload.Length;
            return;
        }
        s.Unsigned("length", ref constant.Length, Limits.TensorBytes);
        s.Unsigned("offset", ref constant.Offset, long.MaxValue);
        s.Fixed32("crc32c", ref constant.Crc);
    }
}

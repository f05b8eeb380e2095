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

    /// <summary>Payloads up to this many bytes stand in the header.</summary>
    public const int MaxInline = 64;

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

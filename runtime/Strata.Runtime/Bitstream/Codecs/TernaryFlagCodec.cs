using Strata.Tensors;

namespace Strata.Bitstream.Codecs;

/// <summary>
/// Integers that are −1, 0 or 1, two at a time: a flag for each pair that is not (0, 0), then three bits for each such pair
/// (docs/bitstream.md, "Ternary"). P pairs of which N are not (0, 0) take exactly P + 3 N bits, each part filled up to whole bytes.
/// </summary>
internal sealed class TernaryFlagCodec : TensorCodec
{
    private const int CodeBits = 3;

    public override string Name => "ternary-flag3";

    /// <summary>The payload of a tensor, or none where it holds other numbers.</summary>
    public override ReadOnlyMemory<byte> Encode(Tensor tensor)
    {
        if (Trits.Of(tensor) is not { } trits) return default;
        int pairs = (trits.Length + 1) / 2, flagBytes = (pairs + 7) / 8;
        long at = 0;
        var bytes = new byte[flagBytes + (CodeBits * (long)pairs + 7) / 8];
        for (int p = 0; p < pairs; p++)
        {
            int item = 3 * trits[2 * p] + (2 * p + 1 < trits.Length ? trits[2 * p + 1] : 0);
            if (item == 0) continue;
            bytes[p / 8] |= (byte)(1 << p % 8);
            for (int k = 0; k < CodeBits; k++, at++) bytes[(int)(flagBytes + at / 8)] |= (byte)((item - 1 >> k & 1) << (int)(at % 8));
        }
        return bytes.AsMemory(0, flagBytes + (int)((at + 7) / 8));
    }

    public override void CheckLength(ElementType type, int count, long length)
    {
        long pairs = (count + 1L) / 2, flags = (pairs + 7) / 8;
        if (!Trits.Suits(type) || length < flags || length > flags + (CodeBits * pairs + 7) / 8) throw new StrataFormatException($"{count} elements of {type.Name()} cannot be {length} bytes of flags and pairs");
    }

    public override Tensor Decode(Memory<byte> payload, ElementType type, ReadOnlySpan<int> dims)
    {
        var trits = new byte[Tensor.CountOf(dims)];
        int pairs = (trits.Length + 1) / 2, flagBytes = (pairs + 7) / 8;
        long at = 0;
        ReadOnlySpan<byte> flags = payload.Span[..flagBytes], codes = payload.Span[flagBytes..];
        if (pairs % 8 != 0 && flags[^1] >> pairs % 8 != 0) throw new StrataFormatException("the bits behind the flags of ternary pairs are not zeros");
        for (int p = 0; p < pairs; p++)
        {
            if ((flags[p / 8] >> p % 8 & 1) == 0) continue;
            if (at + CodeBits > 8L * codes.Length) throw new StrataFormatException("ternary pairs end before their flags do");
            int item = 1;
            for (int k = 0; k < CodeBits; k++, at++) item += (codes[(int)(at / 8)] >> (int)(at % 8) & 1) << k;
            trits[2 * p] = (byte)(item / 3);
            if (2 * p + 1 < trits.Length) trits[2 * p + 1] = (byte)(item % 3);
            else if (item % 3 != 0) throw new StrataFormatException("the last ternary pair has a second element that is none");
        }
        if ((at + 7) / 8 != codes.Length || at % 8 != 0 && codes[^1] >> (int)(at % 8) != 0) throw new StrataFormatException("ternary pairs do not end where their flags do");
        return Trits.ToTensor(trits, type, dims);
    }
}

using Strata.Tensors;

namespace Strata.Bitstream.Codecs;

/// <summary>Integers that are −1, 0 or 1, five to a byte: the sum of digit · 3^k, the first digit having k = 0.</summary>
internal sealed class TernaryBaseCodec : TensorCodec
{
    private const int Digits = 5, Values = 243;

    public override string Name => "ternary-base3";

    /// <summary>The payload of a tensor, or none where it holds other numbers.</summary>
    public override ReadOnlyMemory<byte> Encode(Tensor tensor)
    {
        if (Trits.Of(tensor) is not { } trits) return default;
        var bytes = new byte[(trits.Length + Digits - 1) / Digits];
        for (int i = trits.Length - 1; i >= 0; i--) bytes[i / Digits] = (byte)(3 * bytes[i / Digits] + trits[i]);
        return bytes;
    }

    public override void CheckLength(ElementType type, int count, long length)
    {
        if (!Trits.Suits(type) || length != ((long)count + Digits - 1) / Digits) throw new StrataFormatException($"{count} elements of {type.Name()} cannot be {length} bytes of ternary digits");
    }

    public override Tensor Decode(Memory<byte> payload, ElementType type, ReadOnlySpan<int> dims)
    {
        var trits = new byte[Tensor.CountOf(dims)];
        var bytes = payload.Span;
        for (int b = 0, i = 0; b < bytes.Length; b++)
        {
            int value = bytes[b];
            if (value >= Values) throw new StrataFormatException($"a byte of ternary digits is {value}, allowed are 0 to {Values - 1}");
            for (int k = 0; k < Digits; k++, value /= 3)
            {
                if (i < trits.Length) trits[i++] = (byte)(value % 3);
                else if (value != 0) throw new StrataFormatException("the last byte of ternary digits has more than there are elements");
            }
        }
        return Trits.ToTensor(trits, type, dims);
    }
}

using Strata.Tensors;

namespace Strata.Bitstream.Codecs;

/// <summary>Integers of −1, 0 and 1 as digits: 0 for 0, 1 for 1, 2 for −1.</summary>
internal static class Trits
{
    /// <summary>True for signed integers of up to eight bits.</summary>
    public static bool Suits(ElementType type) => type is ElementType.Int2 or ElementType.Int4 or ElementType.Int8;

    /// <summary>The digits of a tensor; null where it holds other numbers.</summary>
    public static byte[]? Of(Tensor tensor)
    {
        byte[] symbols = Symbols.Of(tensor);
        int zero = Symbols.CountOf(tensor.ElementType) / 2;
        foreach (ref byte symbol in symbols.AsSpan())
        {
            if (Math.Abs(symbol - zero) > 1) return null;
            symbol = (byte)((symbol - zero + 3) % 3);
        }
        return symbols;
    }

    /// <summary>The tensor of digits, which the callee may keep.</summary>
    public static Tensor ToTensor(byte[] trits, ElementType type, ReadOnlySpan<int> dims)
    {
        int zero = Symbols.CountOf(type) / 2;
        foreach (ref byte trit in trits.AsSpan()) trit = (byte)(zero + (trit == 2 ? -1 : trit));
        return Symbols.ToTensor(trits, type, dims);
    }
}

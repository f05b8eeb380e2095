using Strata.Tensors;

namespace Strata.Bitstream.Codecs;

/// <summary>Elements of up to eight bits as numbers from 0 on: codes, with the highest bit of signed ones flipped, so that symbols are in the order of the elements.</summary>
internal static class Symbols
{
    /// <summary>True for the types of up to eight bits.</summary>
    public static bool Suits(ElementType type) => type != ElementType.String && type.Bits() <= 8;

    /// <summary>Number of symbols of a type.</summary>
    public static int CountOf(ElementType type) => 1 << type.Bits();

    /// <summary>The symbols of a tensor.</summary>
    public static byte[] Of(Tensor tensor)
    {
        int bits = tensor.ElementType.Bits(), flip = FlipOf(tensor.ElementType), mask = (1 << bits) - 1, perByte = 8 / bits;
        var symbols = GC.AllocateUninitializedArray<byte>(tensor.Count);
        var bytes = tensor.Bytes.Span;
        if (bits == 8) Flip(bytes, flip, symbols);
        else
        {
            for (int i = 0; i < symbols.Length; i++) symbols[i] = (byte)(bytes[i / perByte] >> i % perByte * bits & mask ^ flip);
        }
        return symbols;
    }

    /// <summary>The tensor of symbols, all of which are below the number of the type's; the callee may keep them.</summary>
    public static Tensor ToTensor(byte[] symbols, ElementType type, ReadOnlySpan<int> dims)
    {
        int bits = type.Bits(), flip = FlipOf(type), perByte = 8 / bits;
        if (bits == 8)
        {
            Flip(symbols, flip, symbols);
            return Tensor.FromBytes(type, dims, symbols);
        }
        var bytes = new byte[type.ByteCount(symbols.Length)];
        for (int i = 0; i < symbols.Length; i++) bytes[i / perByte] |= (byte)((symbols[i] ^ flip) << i % perByte * bits);
        return Tensor.FromBytes(type, dims, bytes);
    }

    private static int FlipOf(ElementType type) => type.Kind() == ElementKind.Signed ? 1 << type.Bits() - 1 : 0;

    private static void Flip(ReadOnlySpan<byte> bytes, int flip, Span<byte> target)
    {
        for (int i = 0; i < bytes.Length; i++) target[i] = (byte)(bytes[i] ^ flip);
    }
}

using Strata.Bitstream.Syntax;
using Strata.Tensors;

namespace Strata.Bitstream.Codecs;

/// <summary>Elements of up to eight bits whose symbols span less than their type: each as its distance from the least one, in as many bits as that needs.</summary>
internal sealed class PackedCodec : TensorCodec
{
    public override string Name => "packed";

    public override ReadOnlyMemory<byte> Encode(Tensor tensor)
    {
        byte[] symbols = Symbols.Of(tensor);
        if (symbols.Length == 0) return default;
        int least = symbols.Min(), width = System.Numerics.BitOperations.Log2((uint)(symbols.Max() - least) << 1 | 1);
        long at = 0;
        var writer = new SyntaxWriter();
        Walk(writer, ref width, ref least);
        var packed = new byte[((long)width * symbols.Length + 7) / 8];
        foreach (byte symbol in symbols)
        {
            for (int k = 0; k < width; k++, at++) packed[(int)(at / 8)] |= (byte)((symbol - least >> k & 1) << (int)(at % 8));
        }
        return (byte[])[.. writer.Written.Span, .. packed];
    }

    public override void CheckLength(ElementType type, int count, long length)
    {
        if (!Symbols.Suits(type) || count == 0 || length < 2 || length > count + 3L) throw new StrataFormatException($"{count} elements of {type.Name()} cannot be {length} packed bytes");
    }

    public override Tensor Decode(Memory<byte> payload, ElementType type, ReadOnlySpan<int> dims)
    {
        var reader = new SyntaxReader(payload, "packed");
        int width = 0, least = 0;
        long at = 0;
        Walk(reader, ref width, ref least);
        var packed = payload.Span[reader.Position..];
        var symbols = new byte[Tensor.CountOf(dims)];
        long bits = (long)width * symbols.Length;
        if (packed.Length != (bits + 7) / 8 || bits % 8 != 0 && packed[^1] >> (int)(bits % 8) != 0) throw new StrataFormatException($"{symbols.Length} symbols of {width} bits cannot be {packed.Length} bytes");
        int most = Symbols.CountOf(type) - 1;
        foreach (ref byte symbol in symbols.AsSpan())
        {
            int value = least;
            for (int k = 0; k < width; k++, at++) value += (packed[(int)(at / 8)] >> (int)(at % 8) & 1) << k;
            if (value > most) throw new StrataFormatException($"a packed symbol is {value}, allowed are 0 to {most}");
            symbol = (byte)value;
        }
        return Symbols.ToTensor(symbols, type, dims);
    }

    private static void Walk(FieldSyntax s, ref int width, ref int least)
    {
        s.Int("width", ref width, 8);
        s.Int("least", ref least, byte.MaxValue);
    }
}

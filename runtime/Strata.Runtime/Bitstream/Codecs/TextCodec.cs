using Strata.Bitstream.Syntax;
using Strata.Tensors;

namespace Strata.Bitstream.Codecs;

/// <summary>Strings, each as its length in bytes and its UTF-8 bytes.</summary>
internal sealed class TextCodec : TensorCodec
{
    public override string Name => "text";

    public override ReadOnlyMemory<byte> Encode(Tensor tensor)
    {
        var writer = new SyntaxWriter();
        foreach (string item in tensor.Strings)
        {
            string text = item;
            writer.Text("string", ref text, int.MaxValue);
        }
        return writer.Written;
    }

    public override void CheckLength(ElementType type, int count, long length)
    {
        if (type != ElementType.String || length < count) throw new StrataFormatException($"{count} elements of {type.Name()} cannot be {length} bytes of text");
    }

    public override Tensor Decode(Memory<byte> payload, ElementType type, ReadOnlySpan<int> dims)
    {
        var reader = new SyntaxReader(payload, "text");
        var strings = new string[Tensor.CountOf(dims)];
        for (int i = 0; i < strings.Length; i++)
        {
            strings[i] = "";
            reader.Text("string", ref strings[i], int.MaxValue);
        }
        reader.End();
        return Tensor.FromStrings(dims, strings);
    }
}

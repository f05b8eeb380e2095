using Strata.Tensors;

namespace Strata.Bitstream.Codecs;

/// <summary>A matrix that is another constant's transpose: it has no payload, its header refers to that constant.</summary>
internal sealed class TransposedCodec : TensorCodec
{
    public override string Name => "transposed";

    public override ReadOnlyMemory<byte> Encode(Tensor tensor) => default;

    public override void CheckLength(ElementType type, int count, long length)
    {
        if (!Transposition.Suits(type) || length != 0) throw new StrataFormatException($"{count} elements of {type.Name()} cannot be {length} bytes of a transpose");
    }

    public override Tensor Decode(Memory<byte> payload, ElementType type, ReadOnlySpan<int> dims) =>
        throw new StrataFormatException("a transpose has no payload");
}

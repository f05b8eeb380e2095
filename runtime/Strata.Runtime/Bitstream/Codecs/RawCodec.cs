using Strata.Networks;
using Strata.Tensors;

namespace Strata.Bitstream.Codecs;

/// <summary>The elements as they lie in memory: little-endian, row-major, sub-byte types packed.</summary>
internal sealed class RawCodec : TensorCodec
{
    public override string Name => "raw";

    public override bool IsAligned => true;

    public override ReadOnlyMemory<byte> Encode(Tensor tensor) => tensor.Bytes;

    public override void Encode(Constant constant, Action<ReadOnlyMemory<byte>> write) => constant.ReadBlocks(write);

    public override void CheckLength(ElementType type, int count, long length)
    {
        if (type == ElementType.String || length != type.ByteCount(count)) throw new StrataFormatException($"{count} elements of {type.Name()} cannot be {length} raw bytes");
    }

    public override Tensor Decode(Memory<byte> payload, ElementType type, ReadOnlySpan<int> dims) => Tensor.FromBytes(type, dims, payload);
}

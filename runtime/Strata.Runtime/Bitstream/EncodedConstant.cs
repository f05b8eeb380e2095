using Strata.Bitstream.Codecs;
using Strata.Bitstream.Syntax;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Bitstream;

/// <summary>A constant in an encoded network: decoded and checked when materialised.</summary>
internal sealed class EncodedConstant : Constant
{
    private readonly IByteSource source;
    private readonly ConstantHeader header;
    private readonly long offset;
    private readonly long maxMemory;

    /// <summary>Refers to a constant of a unit whose data starts at <paramref name="dataStart"/>.</summary>
    /// <exception cref="StrataFormatException">Its payload cannot hold it or lies outside the data.</exception>
    public EncodedConstant(IByteSource source, ConstantHeader header, long dataStart, long dataLength, long maxMemory) : base(header.Type!)
    {
        (this.source, this.header, this.maxMemory) = (source, header, maxMemory);
        Codec = TensorCodec.Get(header.Codec);
        if (ByteCount > Limits.TensorBytes) throw new StrataFormatException($"{source.Name}: a constant {Type} has {ByteCount} bytes, allowed are {Limits.TensorBytes}");
        Codec.CheckLength(Type.ElementType, Count, header.Length);
        if (header.Source is { } other && (!Transposition.Fits(this, other) || ((EncodedConstant)other).header.Source is not null))
            throw new StrataFormatException($"{source.Name}: a constant {Type} cannot be the transpose of one of {other.Type}");
        offset = dataStart + header.Offset;
        if (!header.IsInline && Codec.IsAligned && header.Offset % FileDirectory.Alignment != 0)
            throw new StrataFormatException($"{source.Name}: a constant {Type} begins at byte {header.Offset} of its layer's data, which is not aligned to {FileDirectory.Alignment} bytes");
        if (!header.IsInline && (header.Offset > dataLength || header.Length > dataLength - header.Offset))
            throw new StrataFormatException($"{source.Name}: a constant {Type} lies outside its layer's data: offset {header.Offset}, length {header.Length} of {dataLength}");
    }

    public TensorCodec Codec { get; }

    public bool IsInline => header.IsInline;

    public long PayloadBytes => header.Length;

    /// <summary>What the elements need in memory: for strings a reference and an object each, and two bytes for each of the payload.</summary>
    public long MemoryBytes => Type.ElementType == ElementType.String ? 32L * Count + 2 * header.Length : ByteCount;

    protected override Tensor Load()
    {
        if (MemoryBytes > maxMemory) throw new ResourceLimitException($"{source.Name}: a constant {Type} needs {MemoryBytes} bytes, the memory limit is {maxMemory}");
        if (header.Source is not null) return Transposition.Of(header.Source.Materialize());
        if (header.IsInline) return Codec.Decode(header.InlinePayload.ToArray(), Type.ElementType, Dims);
        var payload = source.ReadArrived(offset, header.Length);
        Check(Checksum.Of(payload));
        return Codec.Decode(payload, Type.ElementType, Dims);
    }

    protected override void LoadBlocks(Action<ReadOnlyMemory<byte>> see)
    {
        if (header.IsInline || Codec is not (RawCodec or PlaneCodec)) base.LoadBlocks(see);
        else if (Codec is PlaneCodec) LoadTiles(see);
        else LoadRaw(see);
    }

    private void LoadTiles(Action<ReadOnlyMemory<byte>> see)
    {
        uint crc = 0;
        long position = 0;
        byte[] buffer = [];
        PlaneCodec.Decode(Type.ElementType, Count, count =>
        {
            if (count > header.Length - position) throw new StrataFormatException($"{source.Name}: the constant {Type} at byte {offset} is corrupt: a tile of {count} bytes begins at {position} of {header.Length}");
            if (buffer.Length < count) buffer = new byte[count];
            source.Read(offset + position, buffer.AsSpan(0, count));
            crc = Checksum.Of(buffer.AsSpan(0, count), crc);
            position += count;
            return buffer.AsMemory(0, count);
        }, see);
        if (position != header.Length) throw new StrataFormatException($"{source.Name}: the constant {Type} at byte {offset} is corrupt: {header.Length - position} bytes follow its last tile");
        Check(crc);
    }

    private void LoadRaw(Action<ReadOnlyMemory<byte>> see)
    {
        uint crc = 0;
        source.ReadBlocks(offset, header.Length, (block, position) =>
        {
            crc = Checksum.Of(block.Span, crc);
            if (position + block.Length == header.Length) Tensor.ClearPadding(Type.ElementType, Count, block.Span);
            see(block);
        });
        Check(crc);
    }

    private void Check(uint crc)
    {
        if (crc != header.Crc) throw new StrataFormatException($"{source.Name}: the constant {Type} at byte {offset} is corrupt (checksum)");
    }
}

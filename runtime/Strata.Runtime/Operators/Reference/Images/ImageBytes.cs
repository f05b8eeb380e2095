using System.Buffers.Binary;

namespace Strata.Operators.Reference.Images;

/// <summary>Reads a file front to back; a read beyond its end is damage.</summary>
internal ref struct ImageBytes(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;

    public int Position { get; set; }

    public readonly bool AtEnd => Position >= bytes.Length;

    public byte U8() => Take(1)[0];

    public int U16Big() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint U32Big() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public int U16Little() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint U32Little() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > bytes.Length - Position) throw new DamagedImageException($"the file ends at byte {bytes.Length}");
        var taken = bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }
}

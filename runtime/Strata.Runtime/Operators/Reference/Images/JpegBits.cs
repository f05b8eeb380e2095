namespace Strata.Operators.Reference.Images;

/// <summary>Reads the bits of a JPEG scan: stuffed zeros are dropped, a marker ends the data and reads as zeros.</summary>
internal ref struct JpegBits(ReadOnlySpan<byte> file, int position)
{
    private readonly ReadOnlySpan<byte> file = file;
    private int buffer, available;
    private int beyond; // zero bytes invented after the end

    /// <summary>Where the next marker, or the next byte, stands.</summary>
    public int Position { get; private set; } = position;

    public int Bit()
    {
        if (available == 0)
        {
            (buffer, available) = (NextByte(), 8);
        }
        return (buffer >> --available) & 1;
    }

    /// <summary>A number of <paramref name="size"/> bits, whose first bit says whether it is positive.</summary>
    public int Signed(int size)
    {
        int value = 0;
        for (int i = 0; i < size; i++) value = value << 1 | Bit();
        return size == 0 || value >> (size - 1) != 0 ? value : value - (1 << size) + 1;
    }

    /// <summary>Goes on behind the next restart marker.</summary>
    public void Restart()
    {
        available = 0;
        while (Position + 1 < file.Length && !(file[Position] == 0xFF && file[Position + 1] is >= 0xD0 and <= 0xD7)) Position++;
        Position = Math.Min(Position + 2, file.Length);
    }

    private int NextByte()
    {
        if (Position >= file.Length || file[Position] == 0xFF && (Position + 1 >= file.Length || file[Position + 1] != 0))
        {
            // The last code may borrow bits; more than that is a truncated file.
            return ++beyond <= 8 ? 0 : throw new DamagedImageException("the scan ends too early");
        }
        int value = file[Position];
        Position += value == 0xFF ? 2 : 1;
        return value;
    }
}

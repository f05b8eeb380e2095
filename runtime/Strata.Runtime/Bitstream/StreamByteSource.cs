namespace Strata.Bitstream;

/// <summary>A forward-only stream as a byte source: reads on as far as asked, keeps what has arrived.</summary>
internal sealed class StreamByteSource(Stream stream, long maxMemory) : IByteSource
{
    private const int ChunkSize = 1 << 16;

    private readonly List<byte[]> chunks = [];
    private readonly Lock gate = new();
    private long arrived;

    public string Name => "stream";

    /// <summary>Not known before the end; what is there is checked when it is read.</summary>
    public long Length => long.MaxValue;

    public void Read(long offset, Span<byte> destination)
    {
        lock (gate)
        {
            Await(checked(offset + destination.Length));
            while (!destination.IsEmpty)
            {
                var chunk = chunks[(int)(offset / ChunkSize)].AsSpan((int)(offset % ChunkSize));
                int count = Math.Min(chunk.Length, destination.Length);
                chunk[..count].CopyTo(destination);
                offset += count;
                destination = destination[count..];
            }
        }
    }

    /// <summary>Reads on until so many bytes have arrived: to be called before memory for them is allocated on the word of a header.</summary>
    public void Await(long end)
    {
        lock (gate)
        {
            if (end > maxMemory) throw new ResourceLimitException($"the stream is needed up to byte {end}, the memory limit is {maxMemory}");
            while (arrived < end) ReadOn(end);
        }
    }

    // Never asks the stream for more than is needed: the bytes behind may not be ours.
    private void ReadOn(long end)
    {
        int at = (int)(arrived % ChunkSize);
        if (at == 0) chunks.Add(new byte[ChunkSize]);
        int count = stream.Read(chunks[^1].AsSpan(at, (int)Math.Min(ChunkSize - at, end - arrived)));
        if (count == 0) throw new StrataFormatException($"the stream ends at byte {arrived}, {end - arrived} more were expected; it is truncated");
        arrived += count;
    }
}

/// <summary>Reading bytes whose number a file states.</summary>
internal static class ByteSourceReading
{
    /// <summary>A range of bytes; no memory is allocated for it before a stream has delivered it.</summary>
    public static byte[] ReadArrived(this IByteSource source, long offset, long length)
    {
        (source as StreamByteSource)?.Await(offset + length);
        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        source.Read(offset, bytes);
        return bytes;
    }
}

using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Strata;

/// <summary>Random access to bytes: a file, or memory. Every byte that Strata reads of a model comes through one of these.</summary>
public interface IByteSource
{
    /// <summary>What it is called in errors: usually the file name.</summary>
    string Name { get; }

    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/>. Thread-safe.</summary>
    /// <exception cref="StrataFormatException">The range does not lie within the source.</exception>
    void Read(long offset, Span<byte> destination);
}

/// <summary>Reading more than should be in memory at once.</summary>
internal static class ByteBlocks
{
    private const int BlockBytes = 256 << 10;

    /// <summary>Reads a range block by block; a block is valid during the call, its position counts from the start of the range.</summary>
    public static void ReadBlocks(this IByteSource source, long offset, long length, Action<Memory<byte>, long> see)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, BlockBytes));
        try
        {
            for (long position = 0; position < length;)
            {
                var block = buffer.AsMemory(0, (int)Math.Min(length - position, BlockBytes));
                source.Read(offset + position, block.Span);
                see(block, position);
                position += block.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>Bytes in memory.</summary>
public sealed class MemoryByteSource(ReadOnlyMemory<byte> bytes, string name = "memory") : IByteSource
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public long Length => bytes.Length;

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > bytes.Length - destination.Length)
            throw new StrataFormatException($"{name}: {destination.Length} bytes at offset {offset} lie outside its {bytes.Length} bytes");
        bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);
    }
}

/// <summary>A file, read by position: nothing is mapped, so resident memory is what was asked for.</summary>
public sealed class FileByteSource : IByteSource, IDisposable
{
    private readonly SafeFileHandle handle;

    /// <summary>Opens a file for reading.</summary>
    public FileByteSource(string path)
    {
        handle = File.OpenHandle(path, options: FileOptions.RandomAccess);
        (Name, Length) = (Path.GetFileName(path), RandomAccess.GetLength(handle));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int count = RandomAccess.Read(handle, destination, offset);
            if (count == 0) throw new StrataFormatException($"{Name}: ends at byte {offset}, {destination.Length} more were expected");
            destination = destination[count..];
            offset += count;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}

/// <summary>Counts what passes through another source.</summary>
public sealed class CountingByteSource(IByteSource inner) : IByteSource
{
    private long bytesRead, reads;

    /// <summary>Bytes read so far.</summary>
    public long BytesRead => Interlocked.Read(ref bytesRead);

    /// <summary>Reads made so far.</summary>
    public long Reads => Interlocked.Read(ref reads);

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public long Length => inner.Length;

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> destination)
    {
        Interlocked.Add(ref bytesRead, destination.Length);
        Interlocked.Increment(ref reads);
        inner.Read(offset, destination);
    }
}

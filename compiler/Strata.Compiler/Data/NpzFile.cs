using System.IO.Compression;
using Strata.Tensors;

namespace Strata.Compiler.Data;

/// <summary>NumPy's <c>.npz</c> files: a zip archive of named <c>.npy</c> files.</summary>
public static class NpzFile
{
    private const string Suffix = ".npy";

    /// <summary>Reads all tensors, in the order of the archive.</summary>
    /// <param name="archive">The archive; seekable.</param>
    /// <param name="name">What the file is called in errors.</param>
    /// <param name="maxBytes">Most bytes that its content may have once unpacked.</param>
    /// <exception cref="StrataFormatException">The archive or one of its arrays is malformed.</exception>
    /// <exception cref="ResourceLimitException">The content is larger than allowed.</exception>
    public static IReadOnlyList<KeyValuePair<string, Tensor>> Read(Stream archive, string name, long maxBytes)
    {
        var tensors = new List<KeyValuePair<string, Tensor>>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            using var zip = new ZipArchive(archive, ZipArchiveMode.Read, leaveOpen: true);
            foreach (var entry in zip.Entries)
            {
                if (!entry.FullName.EndsWith(Suffix, StringComparison.Ordinal)) throw new StrataFormatException($"{name}: entry '{entry.FullName}' is not a .npy file");
                string array = entry.FullName[..^Suffix.Length];
                if (!names.Add(array)) throw new StrataFormatException($"{name}: two arrays are called '{array}'");
                byte[] bytes = Unpack(entry, name, maxBytes);
                maxBytes -= bytes.Length;
                tensors.Add(new(array, NpyFile.Read(bytes, $"{name}:{entry.FullName}")));
            }
        }
        catch (InvalidDataException error)
        {
            throw new StrataFormatException($"{name}: not an .npz file: {error.Message}", error);
        }
        return tensors;
    }

    /// <summary>Writes tensors uncompressed, as <c>numpy.savez</c> does; the same tensors give the same bytes.</summary>
    /// <exception cref="UnsupportedOperatorException">NumPy has no such element type.</exception>
    public static void Write(Stream output, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        using var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var (name, tensor) in tensors)
        {
            var entry = zip.CreateEntry(name + Suffix, CompressionLevel.NoCompression);
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var content = entry.Open();
            NpyFile.Write(content, tensor);
        }
    }

    // The archive states the unpacked size, but it is the stream that tells: memory grows with what really comes.
    private static byte[] Unpack(ZipArchiveEntry entry, string name, long maxBytes)
    {
        using var content = entry.Open();
        var unpacked = new MemoryStream();
        var block = new byte[64 << 10];
        for (int count; (count = content.Read(block)) > 0;)
        {
            if (unpacked.Length + count > Math.Min(maxBytes, Array.MaxLength)) throw new ResourceLimitException($"{name}: entry '{entry.FullName}' unpacks to more than the {maxBytes} bytes that are left of the limit");
            unpacked.Write(block, 0, count);
        }
        return unpacked.ToArray();
    }
}

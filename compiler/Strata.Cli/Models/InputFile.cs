using Strata.Compiler.Data;

namespace Strata.Cli.Models;

/// <summary>Files that the user names for reading; <c>-</c> is standard input.</summary>
internal static class InputFile
{
    /// <summary>Refuses a path that leads to no file.</summary>
    /// <exception cref="UsageException">It does not.</exception>
    public static void RequireExists(string path)
    {
        if (Directory.Exists(path)) throw new UsageException($"'{path}' is a folder; name a file in it");
        if (!File.Exists(path)) throw new UsageException($"there is no file '{path}'");
    }

    /// <summary>True for standard input, pipes and devices: what can be read once, from the start.</summary>
    public static bool IsStream(string path) => path == "-" || !FileFacts.Of(path).IsRegular;

    /// <summary>All bytes of a file.</summary>
    /// <exception cref="ResourceLimitException">A stream goes on beyond what an array holds.</exception>
    public static byte[] ReadAll(string path, Terminal terminal)
    {
        if (path != "-") RequireExists(path);
        if (!IsStream(path)) return File.ReadAllBytes(path);
        using var input = path == "-" ? terminal.OpenInput() : File.OpenRead(path);
        var bytes = new MemoryStream();
        var block = new byte[64 << 10];
        for (int count; (count = input.Read(block)) > 0;)
        {
            if (bytes.Length + count > Math.Min(Limits.DefaultMaxMemory, Array.MaxLength)) throw new ResourceLimitException($"'{path}' does not end within {bytes.Length} bytes; name a file on disk");
            bytes.Write(block, 0, count);
        }
        return bytes.ToArray();
    }
}

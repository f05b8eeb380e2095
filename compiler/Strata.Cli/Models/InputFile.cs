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

    /// <summary>All bytes of a file.</summary>
    public static byte[] ReadAll(string path, Terminal terminal)
    {
        if (path != "-")
        {
            RequireExists(path);
            return File.ReadAllBytes(path);
        }
        using var input = terminal.OpenInput();
        var bytes = new MemoryStream();
        input.CopyTo(bytes);
        return bytes.ToArray();
    }
}

using Strata.Compiler.Data;
using Strata.Compiler.Pipeline;

namespace Strata.Cli.Models;

/// <summary>Files that the user names for writing; <c>-</c> is standard output.</summary>
internal static class OutputFile
{
    /// <summary>Writes to a temporary file beside the target and renames it when everything is written, so that nobody sees half a file.</summary>
    public static void Write(string path, Terminal terminal, Action<Stream> write)
    {
        RequireFolder(path);
        using var stream = OpenStream(path, terminal);
        if (stream is not null)
        {
            write(stream);
            return;
        }
        AtomicFile.Write(path, temporary =>
        {
            using var output = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write);
            write(output);
            return true;
        });
    }

    /// <summary>False for standard output, a device or a pipe.</summary>
    public static bool IsFile(string path) => path != "-" && !(File.Exists(path) && !FileFacts.Of(path).IsRegular);

    /// <summary>Standard output, a device or a pipe, opened for writing: renaming a file to its name would replace it. Null for a file.</summary>
    public static Stream? OpenStream(string path, Terminal terminal)
    {
        if (path == "-") return terminal.OpenOutput();
        return IsFile(path) ? null : new FileStream(path, FileMode.Open, FileAccess.Write);
    }

    /// <summary>As <see cref="RequireFolder(string)"/>, and refuses to write over the file that is read.</summary>
    /// <exception cref="UsageException">The path cannot be written.</exception>
    public static void RequireFolder(string path, string input)
    {
        RequireFolder(path);
        if (path != "-" && input != "-" && Target(path) == Target(input)) throw new UsageException($"'{path}' is the input; name another file to write");
    }

    /// <summary>Refuses a path whose folder does not exist, or that is one, before work is spent on its content.</summary>
    /// <exception cref="UsageException">The path cannot be written.</exception>
    public static void RequireFolder(string path)
    {
        if (path == "-") return;
        if (path.Length == 0) throw new UsageException("the output file has no name");
        if (Directory.Exists(path)) throw new UsageException($"'{path}' is a folder; name a file in it");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) throw new UsageException($"there is no folder '{folder}'; create it first");
    }

    // Where a path leads once its last link is followed.
    private static string Target(string path)
    {
        var file = new FileInfo(path);
        return (file.Exists ? file.ResolveLinkTarget(returnFinalTarget: true) : null)?.FullName ?? file.FullName;
    }
}

using Strata.Compiler.Pipeline;

namespace Strata.Cli.Models;

/// <summary>Files that the user names for writing; <c>-</c> is standard output.</summary>
internal static class OutputFile
{
    /// <summary>Writes to a temporary file beside the target and renames it when everything is written, so that nobody sees half a file.</summary>
    public static void Write(string path, Terminal terminal, Action<Stream> write)
    {
        if (path == "-")
        {
            using var output = terminal.OpenOutput();
            write(output);
            return;
        }
        RequireFolder(path);
        AtomicFile.Write(path, temporary =>
        {
            using var output = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write);
            write(output);
            return true;
        });
    }

    /// <summary>As <see cref="RequireFolder(string)"/>, and refuses to write over the file that is read.</summary>
    /// <exception cref="UsageException">The path cannot be written.</exception>
    public static void RequireFolder(string path, string input)
    {
        RequireFolder(path);
        if (path != "-" && input != "-" && Path.GetFullPath(path) == Path.GetFullPath(input)) throw new UsageException($"'{path}' is the input; name another file to write");
    }

    /// <summary>Refuses a path whose folder does not exist, or that is one, before work is spent on its content.</summary>
    /// <exception cref="UsageException">The path cannot be written.</exception>
    public static void RequireFolder(string path)
    {
        if (path == "-") return;
        if (Directory.Exists(path)) throw new UsageException($"'{path}' is a folder; name a file in it");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) throw new UsageException($"there is no folder '{folder}'; create it first");
    }
}

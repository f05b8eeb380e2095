namespace Strata.Compiler.Pipeline;

/// <summary>Writes files so that nobody ever sees half of one: under a temporary name beside the target, renamed at the end.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file. <paramref name="write"/> gets the path to write to.</summary>
    /// <exception cref="UnauthorizedAccessException">The file or its folder does not permit it.</exception>
    public static T Write<T>(string path, Func<string, T> write)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            var result = write(temporary);
            File.Move(temporary, path, overwrite: true);
            return result;
        }
        catch (UnauthorizedAccessException error)
        {
            File.Delete(temporary);
            throw new UnauthorizedAccessException($"'{path}' cannot be written: its folder or the file does not permit it", error);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}

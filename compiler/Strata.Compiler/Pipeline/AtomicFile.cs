namespace Strata.Compiler.Pipeline;

/// <summary>Writes files so that nobody ever sees half of one: under a temporary name beside the target, renamed at the end.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file. <paramref name="write"/> gets the path to write to.</summary>
    public static T Write<T>(string path, Func<string, T> write)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            var result = write(temporary);
            File.Move(temporary, path, overwrite: true);
            return result;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}

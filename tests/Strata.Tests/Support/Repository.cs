namespace Strata.Tests.Support;

/// <summary>Where the sources are that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder that holds <c>Compiler.sln</c>.</summary>
    public static string Root { get; } =
        Above(AppContext.BaseDirectory).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "Compiler.sln")))
        ?? throw new DirectoryNotFoundException($"No folder above '{AppContext.BaseDirectory}' holds Compiler.sln.");

    /// <summary>The folder of the test project's sources.</summary>
    public static string Tests { get; } = Path.Combine(Root, "tests", "Strata.Tests");

    /// <summary>Reads a file of the repository, line ends as <c>\n</c>.</summary>
    public static string ReadText(params string[] path) =>
        File.ReadAllText(Path.Combine([Root, .. path])).ReplaceLineEndings("\n");

    /// <summary>A folder and everything above it, nearest first.</summary>
    public static IEnumerable<string> Above(string folder)
    {
        for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent)
        {
            yield return at.FullName;
        }
    }
}

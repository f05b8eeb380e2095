using Strata.Tests.Oracles;

namespace Strata.Fuzz;

/// <summary>What the fuzzer reads of the repository around the running program.</summary>
internal static class RepositoryFiles
{
    private static readonly string s_root = Root();

    /// <summary>The folder of the committed files that every version decodes.</summary>
    public static string Goldens => Path.Combine(s_root, "tests", "Strata.Tests", "Bitstream", "Golden");

    /// <summary>The folder of inputs that once went a way of their own, one folder for each target.</summary>
    public static string Corpus => Path.Combine(s_root, "tests", "Strata.Fuzz", "Corpus");

    /// <summary>The tables that the second decoder reads.</summary>
    public static PlainTables Tables { get; } = new(ReadDocument("operator-numbers.md"), ReadDocument("bitstream.md"));

    private static string ReadDocument(string name) => File.ReadAllText(Path.Combine(s_root, "docs", name)).ReplaceLineEndings("\n");

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Compiler.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("there is no Compiler.sln above the program");
    }
}

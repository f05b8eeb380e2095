namespace Strata.Tests.Support;

/// <summary>Something tests need that the repository does not hold.</summary>
[Flags]
public enum TestSource
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>ONNX's backend tests, Debian's package <c>libonnx-testdata</c>.</summary>
    TestData = 1,
    /// <summary>ONNX Runtime, see <c>compiler/Strata.OnnxRuntime</c>.</summary>
    OnnxRuntime = 2,
    /// <summary>The folder <c>shared</c> beside the repository: real models, newer node tests.</summary>
    Shared = 4,
}

/// <summary>
/// Finds what the repository does not hold. The environment variable <c>STRATA_REQUIRE</c> names sources
/// (<c>testdata</c>, <c>onnxruntime</c>, <c>shared</c>; comma-separated) whose absence fails a run instead of skipping tests.
/// </summary>
internal static class TestData
{
    private const string TestDataFolder = "/usr/share/libonnx-testdata/data";

    private static readonly string? s_shared = Repository.Above(AppContext.BaseDirectory)
        .Select(folder => Path.Combine(folder, "shared"))
        .FirstOrDefault(folder => Directory.Exists(Path.Combine(folder, "models")));

    /// <summary>The sources that <c>STRATA_REQUIRE</c> names.</summary>
    public static TestSource Required { get; } = ParseRequired(Environment.GetEnvironmentVariable("STRATA_REQUIRE"));

    /// <summary>The sources that are here.</summary>
    public static TestSource Present { get; } =
        (Directory.Exists(TestDataFolder) ? TestSource.TestData : 0)
        | (HaveOnnxRuntime ? TestSource.OnnxRuntime : 0)
        | (s_shared is not null ? TestSource.Shared : 0);

    /// <summary>The folder of ONNX's backend tests: <c>node</c>, <c>simple</c>, <c>real</c>, …</summary>
    public static string OnnxTests
    {
        get
        {
            Require(TestSource.TestData);
            return TestDataFolder;
        }
    }

    /// <summary>Real models: <c>NAME/model.onnx</c>, <c>NAME/test_data_set_0</c>, <c>manifest.json</c>.</summary>
    public static string SharedModels => Shared("models");

    /// <summary>Node tests newer than Debian's.</summary>
    public static string SharedNodeTests => Shared("node-tests");

#if HAVE_ONNXRUNTIME
    private static bool HaveOnnxRuntime => true;
#else
    private static bool HaveOnnxRuntime => false;
#endif

    /// <summary>Why a test that needs these sources is to be skipped; null when it is to run (and to fail, where a required one is missing).</summary>
    public static string? SkipReason(TestSource needed)
    {
        TestSource missing = needed & ~Present;
        return missing == TestSource.None || (missing & Required) != TestSource.None ? null : $"not here: {missing}";
    }

    /// <summary>Throws where one of these sources is missing.</summary>
    public static void Require(TestSource needed)
    {
        TestSource missing = needed & ~Present;
        if (missing != TestSource.None)
        {
            throw new InvalidOperationException($"This test needs a source that is not here: {missing}.");
        }
    }

    /// <summary>Every model file of the given sources, as far as they are here, in a stable order.</summary>
    public static IEnumerable<string> ModelFiles(TestSource sources)
    {
        List<string> folders = [];
        if ((sources & Present & TestSource.TestData) != 0)
        {
            folders.Add(OnnxTests);
        }

        if ((sources & Present & TestSource.Shared) != 0)
        {
            folders.Add(SharedModels);
            folders.Add(SharedNodeTests);
        }

        return folders.Where(Directory.Exists).SelectMany(folder =>
            Directory.EnumerateFiles(folder, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    /// <summary>Reads a list such as <c>testdata,onnxruntime</c>; an unknown name is an error, not a source that nobody checks.</summary>
    internal static TestSource ParseRequired(string? list)
    {
        TestSource required = TestSource.None;
        foreach (string name in (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            required |= name switch
            {
                "testdata" => TestSource.TestData,
                "onnxruntime" => TestSource.OnnxRuntime,
                "shared" => TestSource.Shared,
                _ => throw new InvalidOperationException(
                    $"STRATA_REQUIRE names '{name}'; known are testdata, onnxruntime, shared."),
            };
        }

        return required;
    }

    private static string Shared(string folder)
    {
        Require(TestSource.Shared);
        return Path.Combine(s_shared!, folder);
    }
}

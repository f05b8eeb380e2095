using System.Reflection;
using System.Text.RegularExpressions;
using Strata.Tests.Support;
using Xunit.Sdk;

namespace Strata.Tests.Snapshots;

/// <summary>Snapshots and the tests that make them stay together.</summary>
public partial class DanglingSnapshotTests
{
    private static readonly Type[] s_classes = typeof(DanglingSnapshotTests).Assembly.GetTypes();

    [Fact]
    public void EveryVerifiedFileBelongsToATest()
    {
        IEnumerable<string> dangling =
            from file in Sources("*.verified.txt")
            where !BelongsToATest(file)
            select Path.GetRelativePath(Repository.Root, file);

        Assert.Empty(dangling);
    }

    /// <summary>A comparison that is neither awaited nor returned never takes place, and its test passes.</summary>
    [Fact]
    public void EveryComparisonIsAwaitedOrReturned()
    {
        IEnumerable<string> forgotten =
            from file in Sources("*.cs")
            from Match call in Call().Matches(File.ReadAllText(file))
            where !call.Groups["kept"].Success
            select $"{Path.GetRelativePath(Repository.Root, file)}: {call.Value.Trim()}";

        Assert.Empty(forgotten);
    }

    private static IEnumerable<string> Sources(string pattern) =>
        from file in Directory.EnumerateFiles(Repository.Tests, pattern, SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Repository.Tests, file).Replace('\\', '/')
        where !relative.StartsWith("bin/", StringComparison.Ordinal) && !relative.StartsWith("obj/", StringComparison.Ordinal)
        orderby relative
        select file;

    private static bool BelongsToATest(string file)
    {
        string name = Path.GetFileName(file)[..^".verified.txt".Length];
        string folder = Path.GetDirectoryName(file)!;
        return s_classes
            .Where(type => name.StartsWith(type.Name + ".", StringComparison.Ordinal)
                && File.Exists(Path.Combine(folder, type.Name + ".cs")))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
            .Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
            .Any(method => Names(method).Contains(name));
    }

    private static IEnumerable<string> Names(MethodInfo method)
    {
        string className = method.DeclaringType!.Name;
        ParameterInfo[] parameters = method.GetParameters();
        yield return $"{className}.{method.Name}";

        // A skipped theory is not asked for its rows: they may need the very source that is missing.
        if (method.GetCustomAttribute<FactAttribute>()!.Skip is null)
        {
            foreach (object?[] row in method.GetCustomAttributes<DataAttribute>().SelectMany(data => data.GetData(method)))
            {
                for (int used = 1; used <= row.Length; used++)
                {
                    yield return SnapshotName.Of(className, method.Name, parameters, row[..used]);
                }
            }
        }
    }

    [GeneratedRegex(@"(?<kept>\bawait\s+|\breturn\s+|=>\s*)?(?<![\w.""<`])Verifier\.Verify\(")]
    private static partial Regex Call();
}

using System.Text.RegularExpressions;
using Strata.Tests.Support;

namespace Strata.Tests.Docs;

/// <summary>Where the expected values of an operator come from: recorded cases, ONNX Runtime, or arithmetic in a test.</summary>
internal static partial class ExpectedValues
{
    private static readonly Dictionary<string, int> Cases = ReadCases();

    private static readonly (string Name, string Text, bool OnnxRuntime)[] Tests =
        [.. new[] { "OnnxRuntime", "Frontend", "Operators" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Tests, folder), "*Tests.cs").Order(StringComparer.Ordinal))
            .Select(path => (Path.GetFileNameWithoutExtension(path), File.ReadAllText(path), path.Contains("OnnxRuntime", StringComparison.Ordinal)))
            .Where(t => t.Item1 is not nameof(Frontend.OperatorNamesTests))];

    /// <summary>The number of recorded cases with the operator.</summary>
    public static int RecordedCases(string domain, string name) => Cases.GetValueOrDefault(domain.Length == 0 ? name : $"{domain}.{name}");

    /// <summary>The test that has expected values without recorded cases, or null.</summary>
    public static string? Source(string domain, string name)
    {
        var test = Tests.FirstOrDefault(t => t.Text.Contains($"\"{name}\"", StringComparison.Ordinal) && t.Text.Contains($"\"{domain}", StringComparison.Ordinal));
        if (test.Name is null) test = Tests.FirstOrDefault(t => domain != "com.microsoft" && Regex.IsMatch(t.Text, $@"new {name}\b", RegexOptions.IgnoreCase));
        return test.Name is null ? null : $"{(test.OnnxRuntime ? "ONNX Runtime" : "arithmetic")}: {test.Name}";
    }

    private static Dictionary<string, int> ReadCases()
    {
        var cases = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var match in Repository.ReadText("docs", "conformance.md").Split('\n').Select(line => Row().Match(line)).Where(m => m.Success))
        {
            string name = match.Groups[1].Value;
            cases[name] = cases.GetValueOrDefault(name) + int.Parse(match.Groups[2].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        }
        return cases;
    }

    [GeneratedRegex(@"^\| ([A-Z]\w*|ai\.onnx\.[\w.]+|com\.microsoft\.\w+) \| (\d+) \|")]
    private static partial Regex Row();
}

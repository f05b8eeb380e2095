using System.Globalization;
using System.Reflection;
using System.Text;

namespace Strata.Tests.Snapshots;

/// <summary>How Verify names its files.</summary>
internal static class SnapshotName
{
    /// <summary>A snapshot's name without <c>.verified.txt</c>: <c>Class.Method_first=1_second=x</c>.</summary>
    public static string Of(string className, string method, IEnumerable<ParameterInfo> parameters, object?[] values)
    {
        var name = new StringBuilder($"{className}.{method}");
        foreach ((ParameterInfo parameter, object? value) in parameters.Zip(values))
        {
            string text = Convert.ToString(value ?? "null", CultureInfo.InvariantCulture)!;
            text = string.Concat(text.Select(c => c < ' ' || "\"<>|:*?\\/".Contains(c) ? '-' : c));
            name.Append(CultureInfo.InvariantCulture, $"_{parameter.Name}={text}");
        }

        return name.ToString();
    }
}

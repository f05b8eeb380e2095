using System.Globalization;
using Strata.Tests.Support;

namespace Strata.Tests.Frontend;

/// <summary>One version of an ONNX operator: the names of the attributes it has.</summary>
internal sealed record OnnxSchema(string Domain, string Name, int Version, IReadOnlySet<string> Attributes)
{
    /// <summary>The domain of operators that ONNX dropped; files use them in the default domain.</summary>
    public const string Experimental = "experimental";

    /// <summary>All versions of all operators, from <c>onnx-operators.txt</c> beside this file.</summary>
    public static IReadOnlyList<OnnxSchema> All { get; } = [.. File.ReadLines(Path.Combine(Repository.Tests, "Frontend", "onnx-operators.txt"))
        .Where(line => line.Length > 0 && line[0] != '#').SelectMany(Parse)];

    /// <summary>The domain as the importer's table has it.</summary>
    public string TableDomain => Domain is "ai.onnx" or Experimental ? "" : Domain;

    public override string ToString() => $"{Domain}.{Name} {Version}";

    private static IEnumerable<OnnxSchema> Parse(string line)
    {
        var words = line.Split(' ');
        IReadOnlySet<string> attributes = new HashSet<string>();
        foreach (string word in words.Skip(2))
        {
            var parts = word.Split(':', 2);
            if (parts.Length == 2) attributes = parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
            yield return new(words[0], words[1], int.Parse(parts[0], CultureInfo.InvariantCulture), attributes);
        }
    }
}

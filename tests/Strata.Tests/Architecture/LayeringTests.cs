using System.Text.RegularExpressions;
using System.Xml.Linq;
using Strata.Tests.Support;

namespace Strata.Tests.Architecture;

/// <summary>Dependencies point one way: the table of docs/architecture.md.</summary>
public partial class LayeringTests
{
    // Folder of the runtime to the namespaces that it may use besides its own.
    private static readonly Dictionary<string, string[]> Runtime = new(StringComparer.Ordinal)
    {
        ["Tensors"] = [],
        ["Networks"] = ["Strata.Tensors", "Strata.Networks.Text"],
        ["Operators"] = ["Strata.Tensors", "Strata.Networks"],
        ["Bitstream"] = ["Strata.Tensors", "Strata.Networks", "Strata.Operators"],
        ["Kernels"] = ["Strata.Tensors", "Strata.Networks", "Strata.Operators"],
        ["Execution"] = ["Strata.Tensors", "Strata.Networks", "Strata.Operators", "Strata.Bitstream", "Strata.Kernels"],
    };

    public static TheoryData<string> Folders => [.. Runtime.Keys];

    [Theory]
    [MemberData(nameof(Folders))]
    public void ARuntimeFolderUsesOnlyTheLayersBelow(string folder)
    {
        string[] allowed = [$"Strata.{folder}", .. Runtime[folder]];
        var offences =
            from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "runtime", "Strata.Runtime", folder), "*.cs", SearchOption.AllDirectories)
            from Match match in UsedNamespace().Matches(File.ReadAllText(file))
            let used = match.Groups[1].Value
            where !allowed.Any(a => used == a || used.StartsWith(a + ".", StringComparison.Ordinal))
            select $"{Path.GetFileName(file)} uses {used}";
        Assert.Empty(offences);
    }

    [Fact]
    public void EveryRuntimeFolderIsInTheTable()
    {
        var folders = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "runtime", "Strata.Runtime")).Select(d => Path.GetFileName(d)!).Where(d => d is not ("bin" or "obj"));
        Assert.Equal(Runtime.Keys.Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TheRuntimeHasNoPackageAndNoProject()
    {
        var project = XDocument.Load(Path.Combine(Repository.Root, "runtime", "Strata.Runtime", "Strata.Runtime.csproj"));
        Assert.DoesNotContain(project.Descendants(), e => e.Name.LocalName is "PackageReference" or "ProjectReference");
    }

    [Fact]
    public void ThePassesUseTheRuntimeOnly()
    {
        var project = XDocument.Load(Path.Combine(Repository.Root, "passes", "Strata.Passes", "Strata.Passes.csproj"));
        Assert.DoesNotContain(project.Descendants(), e => e.Name.LocalName is "PackageReference");
        var reference = Assert.Single(project.Descendants(), e => e.Name.LocalName is "ProjectReference");
        Assert.EndsWith("/Strata.Runtime.csproj", reference.Attribute("Include")?.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void OnlyOneProjectTouchesOnnxRuntime()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "compiler"), "*.cs", SearchOption.AllDirectories))
        {
            if (!file.Contains("Strata.OnnxRuntime", StringComparison.Ordinal)) Assert.DoesNotContain("using Microsoft.ML", File.ReadAllText(file), StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"^using (?:static )?(Strata(?:\.\w+)+);", RegexOptions.Multiline)]
    private static partial Regex UsedNamespace();
}

using System.Globalization;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Pipeline;
using Strata.Passes;
using Strata.Tests.Support;

namespace Strata.Tests.Passes;

/// <summary>The table of docs/passes.md is what the passes do to the models of the repository.</summary>
public class PassFiguresTests
{
    public static TheoryData<string> Models => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "models"), "*.onnx").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Models))]
    public void TheDocumentStatesLayersAndPatches(string file)
    {
        using var model = OnnxModel.Load(Path.Combine(Repository.Root, "models", file));
        var network = OnnxImporter.Import(model);
        var result = new PassManager(Pipelines.Default).Run(network);
        string patches = string.Join(" | ", result.Passes.Select(p => p.Patches.ToString(CultureInfo.InvariantCulture)));
        string row = string.Create(CultureInfo.InvariantCulture, $"| {file} | {network.TotalLayerCount} | {result.Network.TotalLayerCount} | {patches} |");
        Assert.True(Repository.ReadText("docs", "passes.md").Contains($"\n{row}\n", StringComparison.Ordinal), $"docs/passes.md lacks this row of its table: {row}");
        Assert.Same(result.Network, new PassManager(Pipelines.Default).Run(result.Network).Network);
    }
}

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
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"\n| {file} | {network.TotalLayerCount} | {result.Network.TotalLayerCount} | {patches} |\n"), Repository.ReadText("docs", "passes.md"), StringComparison.Ordinal);
        Assert.Same(result.Network, new PassManager(Pipelines.Default).Run(result.Network).Network);
    }
}

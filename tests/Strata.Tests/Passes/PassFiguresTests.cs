using System.Globalization;
using System.Text;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Pipeline;
using Strata.Passes;
using Strata.Tests.Docs;
using Strata.Tests.Support;

namespace Strata.Tests.Passes;

/// <summary>docs/pass-figures.md is what the passes do to the models of the repository.</summary>
public class PassFiguresTests
{
    public static TheoryData<string> Models => [.. Files()];

    [Fact]
    public void TheDocumentStatesLayersAndPatches()
    {
        var text = new StringBuilder("""
            # What the passes do

            Generated; `tests/Strata.Tests/Passes` checks it and, where it differs, leaves `pass-figures.received.md` beside it. Layers, bodies
            included, before and after all passes, and the patches that each pass applied, for the models of `models/`. `strata passes MODEL` prints
            the same, with times, for any model.


            """.ReplaceLineEndings("\n"));
        text.Append(CultureInfo.InvariantCulture, $"| model | before | after | {string.Join(" | ", Pipelines.Default.Select(p => p.Name))} |\n");
        text.Append(CultureInfo.InvariantCulture, $"|---|--:|--:|{string.Concat(Pipelines.Default.Select(_ => "--:|"))}\n");
        foreach (string file in Files())
        {
            using var model = Load(file);
            var network = OnnxImporter.Import(model);
            var result = new PassManager(Pipelines.Default).Run(network);
            text.Append(CultureInfo.InvariantCulture, $"| {file} | {network.TotalLayerCount} | {result.Network.TotalLayerCount} | {string.Join(" | ", result.Passes.Select(p => p.Patches))} |\n");
        }
        CommittedDocument.Check("docs/pass-figures.md", text.ToString());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void ASecondRunChangesNothing(string file)
    {
        using var model = Load(file);
        var once = new PassManager(Pipelines.Default).Run(OnnxImporter.Import(model)).Network;
        Assert.Same(once, new PassManager(Pipelines.Default).Run(once).Network);
    }

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Path.Combine(Repository.Root, "models"), "*.onnx").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal);

    private static OnnxModel Load(string file) => OnnxModel.Load(Path.Combine(Repository.Root, "models", file));
}

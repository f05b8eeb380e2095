using System.Globalization;
using System.Text;
using Strata.Models.Building;

namespace Strata.Models;

/// <summary>The table of <c>--list</c> and of <c>models/README.md</c>.</summary>
internal static class ModelTable
{
    public static string Markdown()
    {
        var text = new StringBuilder();
        text.Append("| model | what it exercises | opset | nodes | parameters | bytes | benchmark size | parameters | bytes |\n");
        text.Append("|---|---|--:|--:|--:|--:|---|--:|--:|\n");
        foreach (var recipe in ModelCatalog.All)
        {
            var (small, smallBytes) = Measure(recipe, ModelSize.Small);
            var (large, largeBytes) = Measure(recipe, ModelSize.Benchmark);
            text.Append(CultureInfo.InvariantCulture, $"| `{recipe.Name}` | {recipe.Summary} | {small.Proto.OpsetImport[0].Version} | {small.Proto.Graph.Node.Count} ");
            text.Append(CultureInfo.InvariantCulture, $"| {small.Parameters:N0} | {smallBytes:N0} | {recipe.Benchmark} | {large.Parameters:N0} | {largeBytes / 1e6:N1} MB |\n");
        }
        return text.ToString();
    }

    /// <summary>Small models are built; large ones are not given their weights.</summary>
    private static (ModelBuilder Model, long Bytes) Measure(ModelRecipe recipe, ModelSize size)
    {
        var model = recipe.Build(size, size == ModelSize.Small ? new InlineWeights() : new CountedWeights());
        return (model, model.Proto.CalculateSize() + model.Weights.Bytes);
    }
}

using System.Globalization;
using Strata.Cli.Models;
using Strata.Compiler.Fidelity;
using Strata.Networks;

namespace Strata.Cli.Verbs;

/// <summary>What <c>strata diff</c> prints for a person: sizes, then what differs from the outside in, then the verdict.</summary>
internal sealed class DiffText(Terminal terminal, FileComparison comparison)
{
    private const int MostRows = 20;

    private readonly NetworkDiff diff = comparison.Diff;
    private readonly NetworkDescription a = comparison.First, b = comparison.Second;

    /// <summary>Prints the comparison; <paramref name="inputs"/> says on what both were run.</summary>
    public void Print(string inputs)
    {
        Line($"A  {a.File.Name}, {a.File.FormatName}, network '{a.Network.Name}'");
        Line($"B  {b.File.Name}, {b.File.FormatName}, network '{b.Network.Name}'");
        PrintSizes();
        PrintDifferences("inputs and outputs", [.. diff.Inputs, .. diff.Outputs]);
        PrintDifferences("metadata", diff.Metadata);
        PrintOperators();
        PrintLayers();
        PrintBytes();
        PrintNumerics(inputs);
        Line();
        Line(Verdict());
    }

    private void PrintSizes()
    {
        Line();
        var table = new TextTable("", ">A", ">B", ">change");
        table.Add("file", Sizes.Bytes(a.File.Bytes), Sizes.Bytes(b.File.Bytes), Change(a.File.Bytes, b.File.Bytes));
        table.Add("weights", Sizes.Bytes(a.Bytes), Sizes.Bytes(b.Bytes), Change(a.Bytes, b.Bytes));
        table.Add("elements", Sizes.Count(a.Elements), Sizes.Count(b.Elements), Change(a.Elements, b.Elements));
        table.Add("layers", Sizes.Count(a.Network.TotalLayerCount), Sizes.Count(b.Network.TotalLayerCount), Change(a.Network.TotalLayerCount, b.Network.TotalLayerCount));
        terminal.WriteTable(table);
        if (diff.ConstantsOnlyInFirst + diff.ConstantsOnlyInSecond > 0)
            Line($"constants: {Sizes.Count(diff.SharedConstants)} the same, {Sizes.Count(diff.ConstantsOnlyInFirst)} only in A, {Sizes.Count(diff.ConstantsOnlyInSecond)} only in B");
    }

    private void PrintDifferences(string title, IReadOnlyList<Difference> differences)
    {
        if (differences.Count == 0) return;
        Heading(title);
        foreach (var difference in differences) Line($"{Mark(difference.First, difference.Second)} {difference.What}{Sides(difference)}");
    }

    private void PrintOperators()
    {
        var rows = comparison.Operators.Where(o => o.First != o.Second).ToArray();
        if (rows.Length == 0) return;
        Line();
        var table = new TextTable("operator", ">A", ">B", ">change");
        foreach (var (name, first, second) in rows) table.Add(name, Sizes.Count(first), Sizes.Count(second), Signed(second - first));
        terminal.WriteTable(table);
    }

    private void PrintLayers()
    {
        var different = diff.Layers.Where(l => !l.IsSame).ToArray();
        if (different.Length == 0) return;
        int Count(Func<LayerDifference, bool> isCounted) => different.Count(isCounted);
        Heading($"layers: {Sizes.Count(diff.Layers.Count - different.Length)} the same, {Sizes.Count(Count(l => l.First is not null && l.Second is not null))} changed, "
            + $"{Sizes.Count(Count(l => l.Second is null))} only in A, {Sizes.Count(Count(l => l.First is null))} only in B");
        foreach (var layer in different.Take(MostRows)) PrintLayer(layer);
        More(different.Length, "layer");
    }

    private void PrintLayer(LayerDifference layer)
    {
        Line($"{Mark(layer.First, layer.Second)} {NameOf(layer)}");
        foreach (var change in layer.Changes) Line($"    {change.What}{Sides(change)}");
        foreach (var constant in layer.Constants)
        {
            var metrics = constant.Measure();
            Line($"    {constant.First}: {(metrics.SnrDb is null ? "content differs" : $"SNR {Sizes.Number(metrics.SnrDb, "0.0")} dB, largest change {Sizes.Number(metrics.MaxError, "G3")}, {Sizes.Number(metrics.RelativeError, "G3")} of the largest magnitude")}");
        }
    }

    private void PrintBytes()
    {
        // Constants that a file stores once for several layers move a few bytes about; that is no news.
        var rows = comparison.BytesPerLayer.Where(r => 1000 * Math.Abs(r.Second - r.First) >= Math.Max(a.Bytes, b.Bytes)).ToArray();
        if (rows.Length == 0) return;
        Line();
        var table = new TextTable("stored by layer", ">A", ">B", ">change");
        foreach (var (layer, first, second) in rows.Take(MostRows)) table.Add(NameOf(layer), Sizes.Count(first), Sizes.Count(second), Change(first, second));
        terminal.WriteTable(table);
        More(rows.Length, "layer");
    }

    private void PrintNumerics(string inputs)
    {
        if (diff.IsIdentical) return;
        if (comparison.Fidelity is not { } fidelity)
        {
            Heading($"outputs not compared: {comparison.NotRun}");
            return;
        }
        Heading($"outputs of B against A, {Sizes.Plural(fidelity.Runs, "run")} on {inputs}");
        terminal.WriteTable(FidelityTable.Of(fidelity.Outputs));
        FidelityTable.WriteMismatches(fidelity.Outputs, terminal);
    }

    private string Verdict()
    {
        if (diff.IsIdentical) return "identical: every layer, name and weight is the same, bit for bit";
        if (!diff.IsSameComputation) return diff.IsSameStructure ? "the same structure with other weights" : "different networks";
        List<string> what = [];
        if (diff.Layers.Count(l => l.IsRenamed) is > 0 and var renamed) what.Add($"the names of {Sizes.Plural(renamed, "layer")} and their values");
        if (diff.Inputs.Count + diff.Outputs.Count > 0) what.Add("names of inputs and outputs");
        if (a.Network.Name != b.Network.Name) what.Add("the network's name");
        if (diff.Metadata.Count > 0) what.Add("metadata");
        if (diff.Layers.Any(l => l.First!.Id != l.Second!.Id)) what.Add("the order of layers");
        return $"the same computation: every layer computes the same from the same weights. {(what.Count > 0 ? $"What differs: {string.Join(", ", what)}" : $"First difference: {diff.FirstDifference}")}";
    }

    private void Heading(string text)
    {
        Line();
        Line(text);
    }

    private void More(int count, string noun)
    {
        if (count > MostRows) Line($"  … and {Sizes.Plural(count - MostRows, $"more {noun}")}; --json lists all");
    }

    private void Line(string text = "") => terminal.Out.WriteLine(text);

    private static string NameOf(LayerDifference layer)
    {
        var known = (layer.First ?? layer.Second)!;
        string name = known.Name.Length > 0 ? known.Name : known.Outputs.FirstOrDefault(o => o is not null)?.Name ?? "";
        string renamed = layer.First is { } x && layer.Second is { } y && x.Name != y.Name && y.Name.Length > 0 ? $" (in B {y.Id} {y.Name})" : "";
        return $"{known.Id} {name} : {NetworkDescription.NameOf(known.Operator)}{renamed}";
    }

    private static string Mark(object? first, object? second) => first is null ? "  +" : second is null ? "  -" : "  ~";

    private static string Sides(Difference difference) => difference is { First: { } first, Second: { } second }
        ? $": {InspectVerb.FirstLine(first)} → {InspectVerb.FirstLine(second)}"
        : $" {InspectVerb.FirstLine((difference.First ?? difference.Second)!)}";

    private static string Signed(long change) => $"{(change > 0 ? "+" : "")}{Sizes.Count(change)}";

    private static string Change(long first, long second) =>
        first == second ? "" : first == 0 ? Signed(second) : (100.0 * (second - first) / first).ToString("+0.0;-0.0", CultureInfo.InvariantCulture) + " %";
}

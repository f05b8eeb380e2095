using Strata.Cli.Models;
using Strata.Compiler.Fidelity;

namespace Strata.Cli.Verbs;

/// <summary>Fidelity as rows of a table, the same for every verb.</summary>
internal static class FidelityTable
{
    public static string[] Columns => [">SNR dB", ">cosine", ">max error", ">relative", ">top-1", ">top-5"];

    public static string[] Cells(FidelityMetrics m) =>
        [Sizes.Number(m.SnrDb, "0.0"), Sizes.Number(m.Cosine, "0.000000"), Sizes.Number(m.MaxError, "G3"), Sizes.Number(m.RelativeError, "G3"), Share(m.Top1Agreement), Share(m.Top5Agreement)];

    private static string Share(double? share) => share is { } number ? $"{Sizes.Number(100 * number, "0.##")} %" : "-";

    /// <summary>One row per output.</summary>
    public static TextTable Of(IEnumerable<FidelityMetrics> outputs)
    {
        var table = new TextTable(["output", .. Columns]);
        foreach (var metrics in outputs) table.Add([metrics.Name, .. Cells(metrics)]);
        return table;
    }

    /// <summary>Says why outputs cannot be compared, where they cannot.</summary>
    public static void WriteMismatches(IEnumerable<FidelityMetrics> outputs, Terminal terminal)
    {
        foreach (var metrics in outputs.Where(o => o.Mismatch is not null)) terminal.Out.WriteLine($"output '{metrics.Name}': {metrics.Mismatch}");
    }
}

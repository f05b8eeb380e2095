using Strata.Cli.Models;
using Strata.Compiler.Fidelity;

namespace Strata.Cli.Verbs;

/// <summary>Fidelity as rows of a table, the same for every verb.</summary>
internal static class FidelityTable
{
    public static string[] Columns => [">SNR dB", ">cosine", ">max error", ">relative", ">top-1", ">top-5"];

    public static string[] Cells(FidelityMetrics m) =>
        [Sizes.Number(m.SnrDb, "0.0"), Sizes.Number(m.Cosine, "0.000000"), Sizes.Number(m.MaxError, "G3"), Sizes.Number(m.RelativeError, "G3"), Sizes.Share(m.Top1Agreement), Sizes.Share(m.Top5Agreement)];

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

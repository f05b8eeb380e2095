using System.Text;
using System.Text.Json;
using Strata.Cli.Json;
using Strata.Compiler.Fidelity;

namespace Strata.Cli.Models;

/// <summary>Writes the card of an encoded network beside it: as JSON for programs, as Markdown for people.</summary>
internal static class ModelCard
{
    /// <summary>The files beside an encoded network: <c>model.strata</c> has <c>model.card.json</c> and <c>model.card.md</c>.</summary>
    public static (string Json, string Markdown) PathsFor(string output) => (Path.ChangeExtension(output, ".card.json"), Path.ChangeExtension(output, ".card.md"));

    /// <summary>Writes both.</summary>
    public static void Write(string output, CardDocument card, Terminal terminal)
    {
        var (json, markdown) = PathsFor(output);
        OutputFile.Write(json, terminal, stream => stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(card, CliJson.Readable.CardDocument) + "\n")));
        OutputFile.Write(markdown, terminal, stream => stream.Write(Encoding.UTF8.GetBytes(Markdown(card))));
    }

    /// <summary>The card as a page.</summary>
    internal static string Markdown(CardDocument card)
    {
        var text = new StringBuilder();
        Line($"# {Plain(card.File.Name)}");
        Line();
        Line($"Made by {card.Tool} from `{Plain(card.Source.Name)}`, {Sizes.Count(card.Source.Bytes)} bytes, SHA-256 `{card.Source.Sha256}`.");
        Line($"{Sizes.Count(card.File.Bytes)} bytes, {Sizes.Number(card.File.BitsPerWeight, "0.00")} bits for each of {Sizes.Count(card.File.Weights)} weights.");
        Line();
        Line("## Fidelity");
        Line();
        if (card.Outputs is null) Line(card.Data.NotRun is { } reason ? $"Not measured: {Plain(reason)}." : "Not measured.");
        else
        {
            Line($"Against the model, on {Sizes.Plural(card.Data.MeasuredSets, "set")} of {card.Data.Kind} inputs{(card.Data.Kind == "generated" ? $" (seed {card.Data.Seed}): recorded ones tell more" : "")}. Weights were rounded for {Sizes.Plural(card.Data.CalibrationSets, "set")}.");
            Line();
            Line("| output | SNR dB | cosine | largest error, relative | top-1 | top-5 |");
            Line("|---|---|---|---|---|---|");
            foreach (var o in card.Outputs)
                Line($"| {Plain(o.Name)} | {(o.Exact ? "exact" : Sizes.Number(o.SnrDb, "0.0"))} | {Sizes.Number(o.Cosine, "0.000000")} | {Sizes.Number(o.RelativeError, "G3")} | {Sizes.Share(o.Top1Agreement)} | {Sizes.Share(o.Top5Agreement)} |");
            if (card.Floor is { } given && new FidelityFloor(given.RelativeError, given.SnrDb, given.Top1Agreement) is var floor && floor != FidelityFloor.None)
            {
                Line();
                Line($"The floor is {(card.Passed == true ? "kept" : "**missed**")}: {floor}.");
            }
        }
        if (card.Damages.Count > 0)
        {
            Line();
            Line("## What hurts most");
            Line();
            Line("| weight | SNR dB by itself | cause | spare it |");
            Line("|---|---|---|---|");
            foreach (var d in card.Damages.Take(10)) Line($"| {Plain(d.Weight)} | {Sizes.Number(d.SnrDb, "0.0")} | {d.Cause.Kind}: {d.Cause.Sentence} | `{Plain(d.Flag)}` |");
        }
        Line();
        Line("## Weights");
        Line();
        Line("| weight | layer | elements | stored as | bits per weight |");
        Line("|---|---|---|---|---|");
        foreach (var w in card.Weights)
            Line($"| {Plain(w.Weight)} | {Plain(w.Layer)} | {Sizes.Count(w.Elements)} | {(w.Why is { } why ? $"as it was: {why}" : w.Group is null ? w.Format : $"{w.Format}, group {w.Group}")} | {Sizes.Number(w.BitsPerWeight, "0.00")} |");
        return text.ToString();

        void Line(string line = "") => text.Append(line).Append('\n');
    }

    // Names in a model are untrusted: they must end neither a cell nor a span of code.
    private static string Plain(string name) => PlainTextWriter.Clean(name).Replace('|', '¦').Replace('`', '\'').Replace("<", "&lt;", StringComparison.Ordinal);
}

using System.CommandLine;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler.Pipeline;
using Strata.Networks;
using Strata.Networks.Text;
using Strata.Operators;

namespace Strata.Cli.Verbs;

/// <summary><c>strata inspect</c>: what a model holds, layer by layer.</summary>
internal sealed class InspectVerb : Verb
{
    private readonly Argument<string> file = CommonOptions.File("FILE", "An .onnx or .strata file; - reads standard input.");
    private readonly Option<string?> layer = new("--layer") { Description = "Show one layer only, by number or name.", HelpName = "K|NAME" };
    private readonly Option<bool> text = new("--text") { Description = "Print the network in the text form." };
    private readonly Option<string?> html = new("--html") { Description = "Write a self-contained web page.", HelpName = "report.html" };
    private readonly Option<bool> json = CommonOptions.Json("strata.inspect/1");

    public InspectVerb(Terminal terminal) : base(terminal, "inspect", "Show the network, its layers, and where the bytes are.",
        "strata inspect model.onnx",
        "strata inspect model.strata --layer 12",
        "strata inspect model.strata --text | less",
        "strata inspect model.strata --html report.html",
        "strata inspect model.strata --json | jq '.layers[] | select(.bytes > 100000) | .name'")
    {
        Add(file);
        Add(layer);
        Add(text);
        Add(html);
        Add(json);
        Validators.Add(result =>
        {
            if (result.GetValue(text) && result.GetValue(json)) result.AddError("--text and --json exclude each other.");
        });
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        string? page = parsed.GetValue(html);
        if (page is not null) OutputFile.RequireFolder(page);
        using var model = ModelFile.Open(parsed.GetRequiredValue(file), Terminal);
        var description = NetworkDescription.Of(model);
        var only = parsed.GetValue(layer) is { } wanted ? description.Layers[LayerExtraction.Find(model.Network, wanted).Id] : null;

        if (page is not null)
        {
            OutputFile.Write(page, Terminal, output =>
            {
                using var writer = new StreamWriter(output, leaveOpen: true) { NewLine = "\n" };
                writer.Write(InspectPage.Render(description));
            });
            if (page == "-") return ExitCode.Ok;
        }
        if (parsed.GetValue(json)) Terminal.WriteJson(InspectDocument.Of(description, only), CliJson.Readable.InspectDocument);
        else if (parsed.GetValue(text)) Terminal.Out.Write(Text(only is null ? model.Network : LayerExtraction.Extract(model.Network, only.Layer)));
        else if (only is not null) PrintLayer(description, only);
        else if (page is null) PrintNetwork(description);
        return ExitCode.Ok;
    }

    private static string Text(Network network) => NetworkPrinter.Print(network, OperatorCatalog.Standard);

    private void PrintNetwork(NetworkDescription network)
    {
        foreach (var (label, value) in Summary(network)) Terminal.Out.WriteLine($"{label,-10}{value}");
        Terminal.Out.WriteLine();
        bool isEncoded = network.File.Encoded is not null;
        var table = new TextTable([">id", "name", "operator", "output", ">bytes", ">bits/weight", .. isEncoded ? [">symbols", ">scales", ">headers", ">entropy"] : Array.Empty<string>(), "codec"]);
        foreach (var row in network.Layers)
            table.Add([Sizes.Count(row.Layer.Id), row.Layer.Name, Operator(row), row.OutputTypes, row.Elements == 0 ? "" : Sizes.Count(row.Bytes), row.Elements == 0 ? "" : Sizes.Number(row.BitsPerWeight, "0.00"), .. isEncoded ? Split(row.Split(network.File.RecordOf(row.Layer))) : [], row.Codec]);
        Terminal.WriteTable(table);
    }

    private static string[] Split(BitSplit? split) => split is null ? ["", "", "", ""] : [Bits(split.Symbols), Bits(split.Scales), Bits(split.Headers), split.Entropy is { } entropy ? Bits(entropy) : ""];

    private static string Bits(double bits) => bits == 0 ? "" : Sizes.Number(bits, "0.00");

    /// <summary>Labels and values that describe a network as a whole.</summary>
    internal static IEnumerable<(string Label, string Value)> Summary(NetworkDescription network)
    {
        int nested = network.Network.TotalLayerCount - network.Network.Layers.Length;
        yield return ("file", $"{network.File.Name}, {network.File.FormatName}, {Sizes.Bytes(network.File.Bytes)}");
        yield return ("network", $"'{network.Network.Name}', {Sizes.Plural(network.Network.Layers.Length, "layer")}{(nested == 0 ? "" : $" and {nested} in nested networks")}");
        yield return ("weights", $"{Sizes.Count(network.Elements)} elements, {Sizes.Bytes(network.Bytes)}{(network.Elements == 0 ? "" : $", {Sizes.Number(network.BitsPerWeight, "0.00")} bits per weight")}");
        if (network.File.Storage is { } storage)
            yield return ("storage", $"headers {Sizes.Bytes(storage.Headers)}, layer data {Sizes.Bytes(storage.Data)}{(storage.PreservedModel is { } bytes ? $", preserved model {Sizes.Bytes(bytes)}" : "")}");
        foreach (var input in network.Network.Inputs) yield return ("input", $"{input.Name} : {input.Type}");
        foreach (var output in network.Network.Outputs) yield return ("output", $"{output.Name} : {output.Value.Type}");
        foreach (var (key, value) in network.Network.Metadata) yield return ("metadata", $"{key} = {FirstLine(value)}");
        yield return ("operators", string.Join(", ", network.Operators.Select(o => $"{o.Operator} ×{o.Count}")));
    }

    private void PrintLayer(NetworkDescription network, LayerDescription row)
    {
        var layer = row.Layer;
        Terminal.Out.WriteLine($"layer {layer.Id}{(layer.Name.Length > 0 ? $" '{layer.Name}'" : "")}: {Operator(row)}");
        foreach (var input in layer.Inputs)
            Terminal.Out.WriteLine($"  input   {(input is null ? "(omitted)" : $"{input.Name} : {input.Type}, {Origin(network, input)}")}");
        foreach (var output in layer.Outputs)
            Terminal.Out.WriteLine($"  output  {(output is null ? "(unused)" : $"{output.Name} : {output.Type}, {Users(network.Network, output)}")}");
        Terminal.Out.WriteLine($"  stored  {Sizes.Plural(row.Bytes, "byte")} in {Sizes.Plural(row.Constants.Count, "constant")}{(row.Elements == 0 ? "" : $", {Sizes.Number(row.BitsPerWeight, "0.00")} bits per weight")}");
        if (network.File.RecordOf(layer) is { } record)
            Terminal.Out.WriteLine($"  place   {Sizes.Plural(record.DataBytes, "byte")} of data at byte {record.DataOffset}, {Sizes.Plural(record.HeaderBytes, "byte")} of header");
        if (row.Split(network.File.RecordOf(layer)) is { } split)
            Terminal.Out.WriteLine($"  bits    for each weight: symbols {Bits(split.Symbols)}{(split.Scales > 0 ? $", scales {Bits(split.Scales)}" : "")}, headers {Bits(split.Headers)}{(split.Entropy is { } entropy ? $"; entropy of the symbols {Bits(entropy)}" : "")}");
        Terminal.Out.WriteLine();
        Terminal.Out.Write(Text(LayerExtraction.Extract(network.Network, layer)));
    }

    private static string Operator(LayerDescription row)
    {
        int nested = row.Layer.Operator.Bodies.Sum(b => b.TotalLayerCount);
        return nested == 0 ? row.Operator : $"{row.Operator} ({Sizes.Plural(nested, "nested layer")})";
    }

    private static string Origin(NetworkDescription network, Value value)
    {
        if (value.Producer is { } producer) return $"from layer {producer.Id}{(producer.Name.Length > 0 ? $" '{producer.Name}'" : "")}";
        if (value.Constant is not { } constant) return "network input";
        return $"constant, {Sizes.Plural(network.File.StoredBytes(constant), "byte")}, {network.File.CodecOf(constant)}";
    }

    private static string Users(Network network, Value value)
    {
        var users = network.Layers.Where(l => l.Inputs.Contains(value)).Select(l => $"layer {l.Id}").Concat(network.Outputs.Where(o => o.Value == value).Select(o => $"output '{o.Name}'"));
        return string.Join(", ", users) is { Length: > 0 } text ? $"used by {text}" : "unused";
    }

    /// <summary>A text cut to what fits on a line.</summary>
    internal static string FirstLine(string text)
    {
        const int Most = 80;
        string line = text.Split('\n')[0].TrimEnd('\r');
        return line.Length < text.Length || line.Length > Most ? $"{line[..Math.Min(line.Length, Most)]}… ({text.Length} characters)" : line;
    }
}

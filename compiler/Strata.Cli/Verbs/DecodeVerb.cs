using System.CommandLine;
using System.Text.Json;
using Strata.Bitstream;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler.Data;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Pipeline;
using Strata.Networks;

namespace Strata.Cli.Verbs;

/// <summary><c>strata decode</c>: back to a standard ONNX model, whole or one layer of it.</summary>
internal sealed class DecodeVerb : Verb
{
    private readonly Argument<string> file = CommonOptions.File("FILE.strata", "The encoded network; - reads standard input.");
    private readonly Option<string> output = new("--output", "-o") { Description = "The ONNX model to write (- is standard output), or, with --layer, an .npz of its constants.", HelpName = "MODEL.onnx", Required = true };
    private readonly Option<string?> layer = new("--layer") { Description = "Extract one layer, by number or name: as a model of its own, or its constants.", HelpName = "K|NAME" };
    private readonly Option<bool> external = new("--external-data") { Description = "Write weights to MODEL.onnx.data beside the model, as happens anyway where they exceed 2 GiB." };
    private readonly Option<bool> json = CommonOptions.Json("strata.decode/1");

    public DecodeVerb(Terminal terminal) : base(terminal, "decode", "Decode an encoded network to a standard ONNX model. A file compiled with --preserve gives back the model it was made from.",
        "strata decode model.strata -o model.onnx",
        "strata decode model.strata --layer 12 -o layer12.onnx",
        "strata decode model.strata --layer conv1 -o weights.npz")
    {
        Add(file);
        Add(output);
        Add(layer);
        Add(external);
        Add(json);
        Validators.Add(result =>
        {
            if (result.GetValue(layer) is null && result.GetValue(output) is { } path && IsArchive(path)) result.AddError("An .npz file holds the constants of one layer: add --layer K.");
            if (result.GetValue(external) && result.GetValue(output) is { } target && (target == "-" || IsArchive(target))) result.AddError("--external-data needs an ONNX model that is written to a file.");
        });
    }

    protected override int Run(ParseResult parsed, CancellationToken cancel)
    {
        string path = parsed.GetRequiredValue(file), target = parsed.GetRequiredValue(output);
        OutputFile.RequireFolder(target, path);
        using var model = ModelFile.Open(path, Terminal);
        if (model.Encoded is not { } encoded) throw new UsageException($"{model.Name} is an ONNX model already; decode takes an encoded network");

        long bytes = 0;
        string content;
        if (parsed.GetValue(layer) is { } wanted && IsArchive(target))
        {
            var found = LayerExtraction.Find(model.Network, wanted);
            content = $"constants of layer {found.Id}";
            var constants = found.Inputs.OfType<Value>().Where(v => v.Constant is not null).DistinctBy(v => v.Name).ToArray();
            OutputFile.Write(target, Terminal, stream =>
            {
                NpzFile.Write(stream, constants.Select(v => KeyValuePair.Create(v.Name, v.Constant!.Materialize())));
                bytes = stream.Position;
            });
        }
        else
        {
            (content, bytes) = Decode(model.Network, encoded, parsed.GetValue(layer), target, parsed.GetValue(external));
        }

        var summary = target == "-" ? Terminal.Error : Terminal.Out;
        if (parsed.GetValue(json)) summary.WriteLine(JsonSerializer.Serialize(new DecodeDocument("strata.decode/1", path, target, content, bytes), CliJson.Readable.DecodeDocument));
        else summary.WriteLine($"{path} → {target}: {content}, {Sizes.Bytes(bytes)}");
        return ExitCode.Ok;
    }

    private (string Content, long Bytes) Decode(Network network, EncodedNetwork encoded, string? layer, string target, bool externalData)
    {
        if (layer is not null)
        {
            var found = LayerExtraction.Find(network, layer);
            return ($"layer {found.Id}", Export(LayerExtraction.Extract(network, found), target, externalData));
        }
        if (encoded.ReadSource() is not { } source) return ("the network, exported", Export(network, target, externalData));
        if (externalData) throw new UsageException("the file holds the model that it was made from, which comes back as it was, weights inside; leave out --external-data");
        return ("the preserved model", Write(OnnxPreservation.Read(source, encoded.Constants), target));
    }

    private long Export(Network network, string target, bool externalData)
    {
        if (!OutputFile.IsFile(target)) return Write(OnnxExporter.Export(network), target);
        OutputFile.RequireFolder(target + ".data");
        return OnnxExporter.Export(network, target, externalData);
    }

    private long Write(byte[] onnx, string target)
    {
        OutputFile.Write(target, Terminal, stream => stream.Write(onnx));
        return onnx.Length;
    }

    private static bool IsArchive(string path) => path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase);
}

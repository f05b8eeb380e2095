using System.Collections.Immutable;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Cli.Models;

/// <summary>A model that a verb was given, opened whatever its format.</summary>
internal sealed class ModelFile : IDisposable
{
    private ModelFile(string name, long bytes, Network network) => (Name, Bytes, Network) = (name, bytes, network);

    /// <summary>What it is called in output and errors: the file name.</summary>
    public string Name { get; }

    /// <summary>Its length, external data included.</summary>
    public long Bytes { get; }

    /// <summary><c>onnx</c> or <c>strata</c>.</summary>
    public string Format => "onnx";

    /// <summary>The format as people call it.</summary>
    public string FormatName => "ONNX";

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>The ONNX model, when it is one.</summary>
    public OnnxModel? Onnx { get; private init; }

    /// <summary>Opens a model file, or standard input for <c>-</c>.</summary>
    /// <exception cref="UsageException">There is no such file.</exception>
    /// <exception cref="StrataException">The file is malformed or holds something unsupported.</exception>
    public static ModelFile Open(string path, Terminal terminal, ImmutableDictionary<string, long>? dims = null)
    {
        var onnx = OpenOnnx(path, terminal);
        try
        {
            var network = OnnxImporter.Import(onnx, new ImportOptions { Dims = dims ?? ImmutableDictionary<string, long>.Empty });
            return new(onnx.Name, onnx.FileBytes, network) { Onnx = onnx };
        }
        catch
        {
            onnx.Dispose();
            throw;
        }
    }

    /// <summary>Opens an ONNX model without importing it.</summary>
    public static OnnxModel OpenOnnx(string path, Terminal terminal)
    {
        if (path == "-") return OnnxModel.Parse(InputFile.ReadAll(path, terminal), "standard input");
        InputFile.RequireExists(path);
        return OnnxModel.Load(path);
    }

    /// <summary>Bytes that a constant occupies in the file.</summary>
    public long StoredBytes(Constant constant) => constant.ByteCount;

    /// <summary>How a constant is stored.</summary>
    public string CodecOf(Constant constant) => constant.Type.ElementType.Name();

    /// <inheritdoc/>
    public void Dispose() => Onnx?.Dispose();
}

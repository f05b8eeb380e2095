using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>
/// An ONNX model as it stands in its file, and access to its external data, which is confined to the model's folder.
/// </summary>
public sealed class OnnxModel : IDisposable
{
    private readonly string? folder;
    private readonly Dictionary<string, FileByteSource> externalFiles = new(StringComparer.Ordinal);

    private readonly long ownBytes;

    private OnnxModel(ModelProto proto, string name, string? folder, long ownBytes) => (Proto, Name, this.folder, this.ownBytes) = (proto, name, folder, ownBytes);

    /// <summary>What the model is called in errors: the file name.</summary>
    public string Name { get; }

    /// <summary>Length of the model's file and, once it is imported, of the external data files it uses.</summary>
    public long FileBytes => ownBytes + externalFiles.Values.Sum(f => f.Length);

    internal ModelProto Proto { get; }

    /// <summary>Reads a model file; external data is looked for beside it.</summary>
    /// <exception cref="StrataFormatException">The file is not an ONNX model.</exception>
    public static OnnxModel Load(string path)
    {
        var info = new FileInfo(path);
        if (info.Length > int.MaxValue) throw new StrataFormatException($"{info.Name}: {info.Length} bytes; a protobuf message holds at most 2 GiB, larger models keep their tensors as external data");
        return Parse(File.ReadAllBytes(path), info.Name, Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    /// <summary>Reads a model from memory.</summary>
    /// <param name="bytes">The serialised model.</param>
    /// <param name="name">The name used in errors.</param>
    /// <param name="folder">Where external data may lie; null refuses it.</param>
    /// <exception cref="StrataFormatException">The bytes are not an ONNX model.</exception>
    public static OnnxModel Parse(ReadOnlyMemory<byte> bytes, string name, string? folder = null)
    {
        ModelProto proto;
        try
        {
            proto = ModelProto.Parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new StrataFormatException($"{name}: not an ONNX model: {error.Message}", error);
        }
        if (proto.Graph is null) throw new StrataFormatException($"{name}: not an ONNX model: it {(bytes.Length == 0 ? "is empty" : "has no graph")}");
        return new(proto, name, folder, bytes.Length);
    }

    /// <summary>A constant that holds a tensor of the model; external data stays in its file until used.</summary>
    /// <exception cref="StrataFormatException">The tensor is malformed or its external data is not where it may be.</exception>
    internal Constant Constant(TensorProto tensor)
    {
        if (tensor.DataLocation != TensorProto.Types.DataLocation.External) return Networks.Constant.Of(OnnxTensors.Read(tensor));
        var type = OnnxTensors.TypeOf(tensor);
        if (type.ElementType == ElementType.String) throw new StrataFormatException($"tensor '{tensor.Name}': strings cannot be external data");
        var location = ExternalLocation.Parse(tensor);
        return new SourceConstant(Open(tensor.Name, location.Path), location.Offset, location.CheckLength(tensor.Name, type));
    }

    private FileByteSource Open(string tensor, string relativePath)
    {
        if (folder is null) throw new StrataFormatException($"tensor '{tensor}': external data '{relativePath}' needs a model that is read from a file");
        if (!externalFiles.TryGetValue(relativePath, out var source))
            externalFiles[relativePath] = source = new FileByteSource(ExternalLocation.Confine(folder, relativePath, tensor));
        return source;
    }

    /// <summary>Closes external data files; constants read from them can no longer be materialised.</summary>
    public void Dispose()
    {
        foreach (var file in externalFiles.Values) file.Dispose();
    }
}

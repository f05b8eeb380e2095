using System.Security.Cryptography;
using Google.Protobuf;
using Strata.Compiler.Data;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Compiler.Frontend.Onnx.Wire;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>
/// An ONNX model as it stands in its file. The elements of larger tensors stay there until they are used, as does external
/// data, which is confined to the model's folder.
/// </summary>
public sealed class OnnxModel : IDisposable
{
    private readonly IByteSource source;
    private readonly string? folder;
    private readonly IReadOnlyDictionary<TensorProto, EmbeddedData> embedded;
    private readonly Dictionary<string, FileByteSource> externalFiles = new(StringComparer.Ordinal);

    private OnnxModel(IByteSource source, string? folder)
    {
        (this.source, this.folder) = (source, folder);
        try
        {
            (Proto, embedded) = ModelReader.Read(source);
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or StrataFormatException)
        {
            throw new StrataFormatException($"{Name}: not an ONNX model: {error.Message}", error);
        }
        if (Proto.Graph is null) throw new StrataFormatException($"{Name}: not an ONNX model: it {(source.Length == 0 ? "is empty" : "has no graph")}");
    }

    /// <summary>What the model is called in errors: the file name.</summary>
    public string Name => source.Name;

    /// <summary>Length of the model's file and, once it is imported, of the external data files it uses.</summary>
    public long FileBytes => source.Length + externalFiles.Values.Sum(f => f.Length);

    /// <summary>SHA-256 of the model's file, in hexadecimal digits; external data is not part of it.</summary>
    public string Sha256
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            source.ReadBlocks(0, source.Length, (block, _) => hash.AppendData(block.Span));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>The model's message, without what stays in files.</summary>
    internal ModelProto Proto { get; }

    /// <summary>Opens a model file, of any length; external data is looked for beside it. The file stays open.</summary>
    /// <exception cref="StrataFormatException">The file is not an ONNX model.</exception>
    public static OnnxModel Load(string path)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!FileFacts.Of(path).IsRegular) return Parse(File.ReadAllBytes(path), Path.GetFileName(path), folder); // a pipe is read once
        var file = new FileByteSource(path);
        try
        {
            return new(file, folder);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a model from memory.</summary>
    /// <param name="bytes">The serialised model; it must not change as long as the model is used.</param>
    /// <param name="name">The name used in errors.</param>
    /// <param name="folder">Where external data may lie; null refuses it.</param>
    /// <exception cref="StrataFormatException">The bytes are not an ONNX model.</exception>
    public static OnnxModel Parse(ReadOnlyMemory<byte> bytes, string name, string? folder = null) => new(new MemoryByteSource(bytes, name), folder);

    /// <summary>A constant that holds a tensor of the model; what lies in a file stays there until used.</summary>
    /// <exception cref="StrataFormatException">The tensor is malformed or its external data is not where it may be.</exception>
    internal Constant Constant(TensorProto tensor)
    {
        if (IsExternal(tensor))
        {
            var type = OnnxTensors.TypeOf(tensor);
            if (type.ElementType == ElementType.String) throw new StrataFormatException($"tensor '{tensor.Name}': strings cannot be external data");
            var location = ExternalLocation.Parse(tensor);
            return new SourceConstant(Open(tensor.Name, location.Path), location.Offset, location.CheckLength(tensor.Name, type));
        }
        return embedded.TryGetValue(tensor, out var data) && OnnxTensors.TypeOfElements(tensor, data.Length) is { } dense
            ? new SourceConstant(source, data.Offset, dense)
            : Networks.Constant.Of(OnnxTensors.Read(tensor));
    }

    /// <summary>A copy of a tensor of the model that holds its elements, wherever they lie.</summary>
    /// <exception cref="ResourceLimitException">They are more than a message can hold.</exception>
    internal TensorProto Whole(TensorProto tensor)
    {
        var whole = tensor.Clone();
        if (IsExternal(tensor))
        {
            whole.ExternalData.Clear();
            whole.ClearDataLocation();
            whole.RawData = UnsafeByteOperations.UnsafeWrap(Constant(tensor).Materialize().Bytes);
        }
        else if (embedded.TryGetValue(tensor, out var data))
        {
            if (data.Length > Array.MaxLength) throw new ResourceLimitException($"{Name}: tensor '{tensor.Name}' has {data.Length} bytes, more than the {Array.MaxLength} that one message can hold");
            var bytes = GC.AllocateUninitializedArray<byte>((int)data.Length);
            source.Read(data.Offset, bytes);
            if (data.IsRaw) whole.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
            else OnnxTensors.FillPacked(whole, bytes);
        }
        return whole;
    }

    private static bool IsExternal(TensorProto tensor) => tensor.DataLocation == TensorProto.Types.DataLocation.External;

    private FileByteSource Open(string tensor, string relativePath)
    {
        if (folder is null) throw new StrataFormatException($"tensor '{tensor}': external data '{relativePath}' needs a model that is read from a file");
        if (!externalFiles.TryGetValue(relativePath, out var source))
            externalFiles[relativePath] = source = new FileByteSource(ExternalLocation.Confine(folder, relativePath, tensor));
        return source;
    }

    /// <summary>Closes the model's file and those of external data; constants read from them can no longer be materialised.</summary>
    public void Dispose()
    {
        (source as IDisposable)?.Dispose();
        foreach (var file in externalFiles.Values) file.Dispose();
    }
}

using Strata.Compiler.Data;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Cli.Models;

/// <summary>Files of one value: <c>.npy</c>, or <c>.pb</c> for every type that ONNX has; <c>-</c> is a <c>.npy</c> stream.</summary>
internal static class ValueFile
{
    /// <summary>Reads a value of the declared type.</summary>
    public static RuntimeValue Read(string path, NetworkType type, Terminal terminal)
    {
        string name = path == "-" ? "standard input" : Path.GetFileName(path);
        switch (Extension(path))
        {
            case ".npy": return NpyFile.Read(InputFile.ReadAll(path, terminal), name);
            case ".pb": return OnnxValues.Parse(InputFile.ReadAll(path, terminal), type, name);
            case var other: throw Unknown(path, other);
        }
    }

    /// <summary>Reads every tensor of an <c>.npz</c> file.</summary>
    public static IReadOnlyList<KeyValuePair<string, Tensor>> ReadArchive(string path)
    {
        InputFile.RequireExists(path);
        using var archive = File.OpenRead(path);
        return NpzFile.Read(archive, Path.GetFileName(path), Limits.DefaultMaxMemory);
    }

    /// <summary>Refuses a file whose name says no known format, before work is spent on its content.</summary>
    /// <exception cref="UsageException">The extension is unknown.</exception>
    public static void RequireKnown(string path)
    {
        if (Extension(path) is not (".npy" or ".pb")) throw Unknown(path, Extension(path));
        OutputFile.RequireFolder(path);
    }

    /// <summary>Writes a value; outputs that are no tensors need <c>.pb</c>.</summary>
    public static void Write(string path, RuntimeValue value, string name, Terminal terminal)
    {
        if (Extension(path) == ".pb") OutputFile.Write(path, terminal, output => output.Write(OnnxValues.Serialize(value, name)));
        else if (value is Tensor tensor) OutputFile.Write(path, terminal, output => NpyFile.Write(output, tensor));
        else throw new UsageException($"output '{name}' is no tensor; write it to a .pb file");
    }

    /// <summary>The extension that suits a value: <c>.npy</c> where NumPy has its type.</summary>
    public static string ExtensionFor(RuntimeValue value) => value is Tensor tensor && NpyFile.CanHold(tensor.ElementType) ? ".npy" : ".pb";

    private static string Extension(string path) => path == "-" ? ".npy" : Path.GetExtension(path).ToLowerInvariant();

    private static UsageException Unknown(string path, string extension) => new($"'{path}': files of values are .npy, .npz or .pb, not '{extension}'");
}

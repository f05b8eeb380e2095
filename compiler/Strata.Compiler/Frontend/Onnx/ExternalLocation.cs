using System.Globalization;
using Strata.Compiler.Data;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>Where a tensor's external data lies: a path inside the model's folder, an offset, optionally a length.</summary>
internal readonly record struct ExternalLocation(string Path, long Offset, long? Length)
{
    /// <summary>Reads the key-value pairs of a tensor.</summary>
    public static ExternalLocation Parse(TensorProto tensor)
    {
        string? path = null;
        long offset = 0;
        long? length = null;
        foreach (var entry in tensor.ExternalData)
        {
            switch (entry.Key)
            {
                case "location": path = entry.Value; break;
                case "offset": offset = Number(entry); break;
                case "length": length = Number(entry); break;
                case "checksum" or "basepath": break; // informative: SHA-1 of the whole file, and a hint of writers
                default: throw new StrataFormatException($"tensor '{tensor.Name}': unknown external data key '{entry.Key}'; known are location, offset, length, checksum");
            }
        }
        return path is null ? throw new StrataFormatException($"tensor '{tensor.Name}': external data without a location") : new(path, offset, length);

        long Number(StringStringEntryProto entry) => long.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new StrataFormatException($"tensor '{tensor.Name}': external data {entry.Key} '{entry.Value}' is not a number of bytes");
    }

    /// <summary>The type, if the stated length fits it.</summary>
    public TensorType CheckLength(string tensor, TensorType type)
    {
        long needed = type.ElementType.ByteCount(type.Shape!.Count.Constant!.Value);
        return Length is null || Length == needed
            ? type
            : throw new StrataFormatException($"tensor '{tensor}': external data has {Length} bytes, {type} needs {needed}");
    }

    /// <summary>The full path, if the file lies within the folder by name and by links.</summary>
    /// <exception cref="StrataFormatException">The path is absolute, climbs out, passes a link, or leads to no regular file.</exception>
    public static string Confine(string folder, string relativePath, string tensor)
    {
        var parts = relativePath.Split('/', '\\');
        if (parts[0].Length == 0 || relativePath.Contains('\0') || parts.Any(p => p is ".." || p.Contains(':')))
            throw Refuse("it must be a relative path without '..'");

        string full = folder;
        foreach (string part in parts)
        {
            if (part is "" or ".") continue;
            full = System.IO.Path.Combine(full, part);
            FileSystemInfo info = Directory.Exists(full) ? new DirectoryInfo(full) : new FileInfo(full);
            if (info.LinkTarget is not null) throw Refuse("symbolic links are not followed");
        }
        if (!File.Exists(full)) throw new StrataFormatException($"tensor '{tensor}': external data file '{relativePath}' not found beside the model");
        var facts = FileFacts.Of(full);
        if (!facts.IsRegular) throw Refuse("it is a device or a pipe, not a file");
        if (facts.Links > 1) throw Refuse("it has several hard links, so it may belong to another folder; copy the file");
        return full;

        StrataFormatException Refuse(string why) => new($"tensor '{tensor}': external data '{relativePath}' is refused: {why}");
    }
}

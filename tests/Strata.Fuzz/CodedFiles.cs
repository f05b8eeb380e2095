using System.Globalization;
using Strata.Bitstream;
using Strata.Bitstream.Entropy;

namespace Strata.Fuzz;

/// <summary>Makes files with coded headers of files with plain ones, field by field, so that damage reaches fields and not only the coder.</summary>
internal static class CodedFiles
{
    private sealed record Field(int Unit, int Position, string Name, string Value);

    /// <summary>The coded form of a file with plain headers, one of its fields changed; null if the file has no plain headers that can be read.</summary>
    public static byte[]? Damage(byte[] file, Random random)
    {
        if (file.Length < 64 || file[10] != 0 || FileParts.Cut(file) is not { } cut) return null;
        List<Field> fields;
        try
        {
            fields = Fields(file);
        }
        catch (StrataException)
        {
            return null;
        }
        int minor = random.Next(1, 3);
        var bytes = new List<byte>();
        var starts = new List<FieldStart>();
        var data = new List<byte>();
        int damaged = random.Next(fields.Count);
        for (int i = 0; i < fields.Count; i++)
        {
            var field = fields[i];
            if (i > 0 && field.Unit == 1 && fields[i - 1].Unit == 0 || field.Unit == 0 && i > 0 && fields[i - 1].Name != "" && field.Name == "constants" && !fields.Any(f => f.Unit > 0))
            {
                starts.Add(new(bytes.Count, "layers", false));
                WriteNumber(bytes, fields.Max(f => f.Unit));
            }
            if (field.Name == "offset")
            {
                AddPayload(data, cut, field.Unit, fields[i - 1], field, codec: fields.GetRange(0, i).FindLast(f => f.Name == "codec")!.Value == "0");
                continue;
            }
            int end = i + 1 < fields.Count && fields[i + 1].Unit == field.Unit ? fields[i + 1].Position : fields.Skip(i + 1).FirstOrDefault(f => f.Unit == field.Unit)?.Position ?? cut.Parts[2 * field.Unit].Bytes.Length;
            byte[] content = cut.Parts[2 * field.Unit].Bytes[field.Position..end];
            if (i == damaged) content = Edits.Change(content, random.Next(content.Length), file, random);
            if (content.Length == 0) continue;
            starts.Add(new(bytes.Count, field.Name, field.Value.StartsWith('"')));
            bytes.AddRange(content);
        }
        if (bytes.Count == 0) return null;
        byte[] stream = FieldEncoder.Encode(bytes.ToArray(), starts, minor);
        var section = new List<byte>();
        WriteNumber(section, bytes.Count);
        WriteNumber(section, stream.Length);
        section.AddRange(stream);
        // Long enough for what short sections may hold.
        while (section.Count < Math.Max(16 * starts.Count, bytes.Count)) section.Add(0);
        cut.Parts.RemoveAll(p => p.Kind is 1 or 2);
        cut.Parts.Insert(0, new(3, 1, 0, [.. section]));
        cut.Parts.Insert(1, new(4, 1, 0, [.. data]));
        cut.Prologue[10] = (byte)minor;
        return cut.Join();
    }

    private static List<Field> Fields(byte[] file)
    {
        var fields = new List<Field>();
        int unit = 0, layers = 0;
        foreach (string line in EncodedNetwork.Trace(new MemoryByteSource(file)).Split('\n'))
        {
            if (line.StartsWith("layer ", StringComparison.Ordinal)) unit = ++layers;
            else if (line.StartsWith("network", StringComparison.Ordinal)) unit = 0;
            else if (line.Length > 10 && int.TryParse(line.AsSpan(0, 8), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int position))
            {
                int equals = line.IndexOf(" = ", StringComparison.Ordinal);
                fields.Add(new(unit, position, line[10..equals], line[(equals + 3)..]));
            }
        }
        return fields;
    }

    private static void AddPayload(List<byte> data, FileParts cut, int unit, Field length, Field offset, bool codec)
    {
        while (codec && data.Count % 64 != 0) data.Add(0);
        data.AddRange(cut.Parts[2 * unit + 1].Bytes.AsSpan(int.Parse(offset.Value, CultureInfo.InvariantCulture), int.Parse(length.Value, CultureInfo.InvariantCulture)));
    }

    private static void WriteNumber(List<byte> bytes, int value)
    {
        for (; value >= 128; value >>= 7) bytes.Add((byte)(value | 128));
        bytes.Add((byte)value);
    }
}

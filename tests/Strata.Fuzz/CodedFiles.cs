using System.Globalization;
using System.Runtime.CompilerServices;
using Strata.Bitstream;
using Strata.Bitstream.Entropy;

namespace Strata.Fuzz;

/// <summary>
/// Damages the headers of a file field by field, and codes them: damage of coded bytes reaches the coder, hardly ever a field. Files with plain
/// headers and with coded ones serve alike; both give the fields in the order in which they are coded.
/// </summary>
internal sealed class CodedFiles
{
    private const int PrologueBytes = 64, LongestRun = 12;

    private sealed record Field(string Name, bool IsText, byte[] Bytes);

    // Kinds are names, with the codec of the constant where there is one; constants are all fields of those of each codec.
    private sealed record Headers(Field[] Fields, byte[] Data, int Minor, ILookup<string, int> Places, int[][] Kinds, int[][] Constants);

    // Of a file of the corpus; read once.
    private readonly ConditionalWeakTable<byte[], object> known = [];

    /// <summary>The coded form of a file, some of its fields changed; null if its headers cannot be read.</summary>
    public byte[]? Damage(byte[] file, byte[] other, Random random)
    {
        if (Of(file) is not { } headers || FileParts.Cut(file) is not { } cut) return null;
        var fields = headers.Fields.ToList();
        int edits = random.Next(6) switch { 0 => 0, 5 => 2, _ => 1 };
        for (int i = 0; i < edits && fields.Count > 0; i++) Edit(fields, headers, Of(other), random);
        int minor = headers.Minor > 0 && random.Next(8) != 0 ? headers.Minor : random.Next(1, 3), more = 0;
        byte[] bytes = [.. fields.SelectMany(f => f.Bytes)];
        // A number of bytes that the fields have not: some more are wanted, or some less.
        if (edits == 0 || random.Next(16) == 0) more = Math.Max(random.Next(-2, 5), -bytes.Length);
        cut.Parts.RemoveAll(p => p.Kind is >= 1 and <= 4);
        cut.Parts.Insert(0, new(3, 1, 0, Section(fields, bytes, more, minor)));
        cut.Parts.Insert(1, new(4, 1, 0, headers.Data));
        cut.Prologue[10] = (byte)minor;
        return cut.Join();
    }

    private static byte[] Section(List<Field> fields, byte[] bytes, int more, int minor)
    {
        var starts = new List<FieldStart>();
        int position = 0;
        foreach (var field in fields)
        {
            if (field.Bytes.Length > 0) starts.Add(new(position, field.Name, field.IsText));
            position += field.Bytes.Length;
        }
        byte[] stream = FieldEncoder.Encode(bytes, starts, minor);
        var section = new List<byte>([.. Edits.Varint((ulong)(bytes.Length + more)), .. Edits.Varint((ulong)stream.Length), .. stream]);
        // Long enough for what short sections may hold.
        while (section.Count < Math.Max(16 * starts.Count, bytes.Length)) section.Add(0);
        return [.. section];
    }

    // Each kind, and each codec, is as likely as any other, however many fields are of it.
    private static void Edit(List<Field> fields, Headers headers, Headers? other, Random random)
    {
        int i = random.Next(fields.Count);
        int[][] groups = random.Next(2) == 0 && headers.Constants.Length > 0 ? headers.Constants : headers.Kinds;
        if (random.Next(3) != 0 && groups[random.Next(groups.Length)] is var places && places[random.Next(places.Length)] is var place && place < fields.Count) i = place;
        var field = fields[i];
        int run = Math.Min(random.Next(1, LongestRun), fields.Count - i);
        var donor = other is not null && random.Next(2) == 0 && other.Places.Contains(field.Name) ? other : headers;
        int[] alike = [.. donor.Places[field.Name]];
        switch (random.Next(9))
        {
            case 0: fields[i] = field with { Bytes = Edits.Change(field.Bytes, random.Next(field.Bytes.Length + 1), donor.Data, random) }; break;
            case 2 when alike.Length > 0:
                int from = alike[random.Next(alike.Length)];
                fields.RemoveRange(i, run);
                fields.InsertRange(i, donor.Fields.AsSpan(from, Math.Min(run, donor.Fields.Length - from)).ToArray());
                break;
            case 3 when alike.Length > 1 && donor == headers && fields.FindLastIndex(f => f.Name == field.Name) is var last && last != i: // change places
                (fields[i], fields[last]) = (fields[last], field);
                break;
            case 3: fields.InsertRange(i, fields.GetRange(i, run)); break;
            case 4: fields.RemoveRange(i, run); break;
            case 1 or 7 when alike.Length > 0: fields[i] = donor.Fields[alike[random.Next(alike.Length)]]; break;
            case 5 or 6 when field.Bytes.Length is 1 or 2: // next to it
                int value = (field.Bytes[0] & 127 | (field.Bytes.Length > 1 ? field.Bytes[1] << 7 : 0)) + random.Next(-2, 3);
                fields[i] = field with { Bytes = Edits.Varint((ulong)Math.Max(0, value)) };
                break;
            default: fields[i] = field with { Bytes = Edits.Varint(Edits.Number(random)) }; break;
        }
    }

    private Headers? Of(byte[] file) => known.GetValue(file, f => Read(f) ?? new object()) as Headers;

    private static Headers? Read(byte[] file)
    {
        if (file.Length < PrologueBytes || FileParts.Cut(file) is not { } cut) return null;
        try
        {
            var (fields, data) = file[10] == 0 ? Plain(file, cut) : (Coded(file, cut), cut.Parts[1].Bytes);
            if (fields.Length == 0) return null;
            int?[] codecs = Codecs(fields);
            var all = Enumerable.Range(0, fields.Length);
            return new(fields, data, file[10], all.ToLookup(i => fields[i].Name), [.. all.GroupBy(i => fields[i].Name + codecs[i]).Select(g => g.ToArray())], [.. all.Where(i => codecs[i] is not null).GroupBy(i => codecs[i]).Select(g => g.ToArray())]);
        }
        catch (StrataException)
        {
            return null;
        }
    }

    // Of the constant that a field describes, from its type to its codec.
    private static int?[] Codecs(Field[] fields)
    {
        var codecs = new int?[fields.Length];
        for (int i = 0; i < fields.Length; i++)
        {
            if (fields[i].Name != "codec") continue;
            for (int k = Math.Max(0, Array.FindLastIndex(fields, i, f => f.Name == "element_type")); k <= i; k++) codecs[k] = fields[i].Bytes[0];
        }
        return codecs;
    }

    private sealed record Traced(int Unit, int Position, string Name, string Value)
    {
        public bool IsText => Value.StartsWith('"');
    }

    // What the trace of a file prints; the number of layers, which plain headers do not say, has no position.
    private static List<Traced> Trace(byte[] file)
    {
        string[] lines = EncodedNetwork.Trace(new MemoryByteSource(file)).Split('\n');
        int layers = lines.Count(l => l.StartsWith("layer ", StringComparison.Ordinal)), unit = 0, at = 0;
        var fields = new List<Traced>();
        foreach (string line in lines)
        {
            bool isLayer = line.StartsWith("layer ", StringComparison.Ordinal), isNetwork = line.StartsWith("network", StringComparison.Ordinal);
            if (at == 0 && (isLayer || isNetwork && fields.Count > 0)) fields.Add(new(0, -1, "layers", layers.ToString(CultureInfo.InvariantCulture)));
            if (isLayer) unit = ++at;
            else if (isNetwork) unit = 0;
            else if (line.Length > 10 && int.TryParse(line.AsSpan(0, 8), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int position))
            {
                int equals = line.IndexOf(" = ", StringComparison.Ordinal);
                fields.Add(new(unit, position, line[10..equals], line[(equals + 3)..]));
            }
        }
        return fields;
    }

    private static Field[] Coded(byte[] file, FileParts cut)
    {
        var traced = Trace(file);
        traced.RemoveAll(t => t.Position < 0);
        var headers = new CodedHeaders(cut.Parts[0].Bytes, file[10], "headers");
        var fields = new Field[traced.Count];
        for (int i = 0; i < fields.Length; i++)
        {
            int start = traced[i].Position, end = i + 1 < fields.Length ? traced[i + 1].Position : headers.Bytes.Length;
            headers.Begin(traced[i].Name, traced[i].IsText);
            headers.Read(start, end - start);
            fields[i] = new(traced[i].Name, traced[i].IsText, headers.Bytes.Slice(start, end - start).ToArray());
        }
        return fields;
    }

    private static (Field[] Fields, byte[] Data) Plain(byte[] file, FileParts cut)
    {
        var traced = Trace(file);
        var fields = new List<Field>();
        var data = new List<byte>();
        string codec = "";
        for (int i = 0; i < traced.Count; i++)
        {
            var (unit, position, name, value) = traced[i];
            if (position < 0)
            {
                fields.Add(new(name, false, Edits.Varint(ulong.Parse(value[..], CultureInfo.InvariantCulture))));
                continue;
            }
            if (name == "codec") codec = value;
            if (name == "offset")
            {
                AddPayload(data, cut.Parts[2 * unit + 1].Bytes, traced[i - 1].Value, value, isRaw: codec == "0");
                continue;
            }
            int end = traced.FindIndex(i + 1, t => t.Unit == unit && t.Position >= 0) is var next and >= 0 ? traced[next].Position : cut.Parts[2 * unit].Bytes.Length;
            fields.Add(new(name, traced[i].IsText, cut.Parts[2 * unit].Bytes[position..end]));
        }
        return ([.. fields], [.. data]);
    }

    private static void AddPayload(List<byte> data, byte[] unit, string length, string offset, bool isRaw)
    {
        while (isRaw && data.Count % 64 != 0) data.Add(0);
        data.AddRange(unit.AsSpan(int.Parse(offset, CultureInfo.InvariantCulture), int.Parse(length, CultureInfo.InvariantCulture)));
    }
}

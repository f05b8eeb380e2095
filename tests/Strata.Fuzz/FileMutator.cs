using System.Globalization;
using System.Runtime.CompilerServices;
using Strata.Bitstream;

namespace Strata.Fuzz;

/// <summary>Damages encoded networks where their structure is: fields of headers, sections, directory, lengths; most damage is sealed again.</summary>
internal sealed class FileMutator
{
    private const int PrologueBytes = 64, EntryBytes = 32;

    // Coded headers take ten times as long as plain ones.
    private const int PlainForEachCoded = 25;

    private readonly CodedFiles coded = new();

    // A field of a section, and what a file's plain headers consist of: where fields of each section begin, those that say whether an attribute is
    // there, and all fields of each name.
    private readonly record struct Field(int Section, int Start, int End);

    private sealed record Headers(List<(int[] Starts, int[] States)> Sections, Field[][] ByName);

    private static readonly Headers s_unknown = new([], []);

    // Found once for each file of the corpus.
    private readonly ConditionalWeakTable<byte[], Headers> known = [];

    public byte[] Mutate(byte[] file, Corpus corpus, Random random) => random.Next(PlainForEachCoded) == 0 ? coded.Damage(random.Next(4) == 0 ? file : corpus.Any(random), corpus.Any(random), random) ?? Flipped(file, random) : random.Next(16) switch
    {
        0 => Flipped(file, random),
        1 or 2 => Directory(file, random),
        3 => Length(file, random),
        4 or 5 or 6 => InPlace(file, random),
        7 => Parts(file, corpus, random),
        _ => Fields(file, corpus, random),
    };

    // What a bad disk does: no checksum is right.
    private static byte[] Flipped(byte[] file, Random random)
    {
        byte[] copy = [.. file];
        Edits.Flip(copy, random);
        return copy;
    }

    private static byte[] InPlace(byte[] file, Random random)
    {
        byte[] copy = [.. file];
        for (int edits = random.Next(1, 4); edits > 0; edits--) Edits.Set(copy, random.Next(Math.Min(PrologueBytes, copy.Length), copy.Length + 1), random);
        FileParts.Seal(copy);
        return copy;
    }

    private static byte[] Directory(byte[] file, Random random)
    {
        byte[] copy = [.. file];
        int entries = copy.Length < PrologueBytes ? 0 : Math.Min(BitConverter.ToUInt16(copy, 12), (copy.Length - PrologueBytes) / EntryBytes);
        int[] offsets = [0, 2, 4, 8, 16, 24, 28];
        if (entries == 0 || random.Next(4) == 0) Edits.Set(copy, new[] { 8, 10, 12, 16, 24, 32, random.Next(PrologueBytes) }[random.Next(7)], random);
        else Edits.Set(copy, PrologueBytes + EntryBytes * random.Next(entries) + offsets[random.Next(offsets.Length)], random);
        if (random.Next(8) != 0) FileParts.Seal(copy);
        return copy;
    }

    private static byte[] Length(byte[] file, Random random)
    {
        byte[] copy = random.Next(2) == 0 ? file[..random.Next(file.Length + 1)] : [.. file, .. new byte[random.Next(1, 70)]];
        if (random.Next(2) == 0 && copy.Length >= PrologueBytes)
        {
            BitConverter.TryWriteBytes(copy.AsSpan(24), (long)copy.Length);
            FileParts.Seal(copy);
        }
        return copy;
    }

    // Sections that are dropped, doubled, moved away, changed places with, or come from another file.
    private static byte[] Parts(byte[] file, Corpus corpus, Random random)
    {
        if (FileParts.Cut(file) is not { Parts.Count: > 0 } cut) return Flipped(file, random);
        var parts = cut.Parts;
        int i = random.Next(parts.Count), j = random.Next(parts.Count);
        switch (random.Next(7))
        {
            case 0: parts.RemoveAt(i); break;
            case 1: parts.Insert(j, parts[i]); break;
            case 2: (parts[i], parts[j]) = (parts[j], parts[i]); break;
            case 3: (parts[i], parts[j]) = (parts[i] with { Bytes = parts[j].Bytes }, parts[j] with { Bytes = parts[i].Bytes }); break;
            case 4: parts.Add(new((ushort)random.Next(0, 20), (ushort)random.Next(4), (uint)random.Next(3), parts[i].Bytes)); break;
            case 5: return cut.Join(i, 1 << random.Next(8));
            default:
                if (FileParts.Cut(corpus.Pick(random)) is not { Parts.Count: > 0 } other) break;
                var donor = other.Parts[random.Next(other.Parts.Count)];
                parts[i] = random.Next(2) == 0 ? donor : parts[i] with { Bytes = donor.Bytes };
                break;
        }
        return cut.Join();
    }

    private byte[] Fields(byte[] file, Corpus corpus, Random random)
    {
        if (FileParts.Cut(file) is not { Parts.Count: > 0 } cut) return Flipped(file, random);
        var headers = corpus.Has(file) ? known.GetValue(file, HeadersOf) : s_unknown; // what was damaged before is met once
        if (headers.ByName.Length > 0 && random.Next(2) == 0) return Named(cut, headers.ByName, random);
        byte[]? other = null;
        for (int edits = random.Next(1, 3); edits > 0; edits--)
        {
            int p = random.Next(cut.Parts.Count);
            var part = cut.Parts[p];
            if (part.Bytes.Length == 0) part = cut.Parts[p = 0];
            var (starts, states) = p < headers.Sections.Count ? headers.Sections[p] : ([], []);
            if (states.Length > 0 && random.Next(8) == 0 && states[random.Next(states.Length)] is var state && state < part.Bytes.Length)
            {
                byte[] copy = [.. part.Bytes];
                copy[state] = (byte)random.Next(4);
                cut.Parts[p] = part with { Bytes = copy };
                continue;
            }
            int position = starts.Length > 0 && random.Next(8) != 0 ? starts[random.Next(starts.Length)] : random.Next(part.Bytes.Length + 1);
            if (other is null && FileParts.Cut(corpus.Pick(random)) is { Parts.Count: > 0 } donor) other = donor.Parts[random.Next(donor.Parts.Count)].Bytes;
            cut.Parts[p] = part with { Bytes = Edits.Change(part.Bytes, position, other ?? [], random) };
        }
        return cut.Join();
    }

    // A field of a name becomes what another of that name is, a number near its own, itself in a longer form, or a number near some bound; names that are rare are as likely as others.
    private static byte[] Named(FileParts cut, Field[][] byName, Random random)
    {
        var alike = byName[random.Next(byName.Length)];
        var (section, start, end) = alike[random.Next(alike.Length)];
        byte[] bytes = cut.Parts[section].Bytes;
        byte[] value = bytes[start..end];
        switch (random.Next(7))
        {
            case 0 or 1:
                var source = alike[random.Next(alike.Length)];
                value = cut.Parts[source.Section].Bytes[source.Start..source.End];
                break;
            case 2 or 3 when value is [< 128]: value = Edits.Varint((ulong)Math.Max(0, value[0] + random.Next(-2, 3))); break;
            case 4: value = [.. value.AsSpan(0, value.Length - 1), (byte)(value[^1] | 128), 0]; break; // longer than it need be
            default: value = Edits.Varint(Edits.Number(random)); break;
        }
        cut.Parts[section] = cut.Parts[section] with { Bytes = [.. bytes.AsSpan(0, start), .. value, .. bytes.AsSpan(end)] };
        return cut.Join();
    }

    // The trace prints the position of every field of plain headers.
    private static Headers HeadersOf(byte[] file)
    {
        var sections = new List<(int[], int[])>();
        var fields = new List<(Field Field, string Name)>();
        if (file.Length < PrologueBytes || file[10] != 0 || FileParts.Cut(file) is not { } cut) return new(sections, []);
        try
        {
            var units = new List<List<(int Position, string Name)>> { new() };
            int unit = 0;
            foreach (string line in EncodedNetwork.Trace(new MemoryByteSource(file)).Split('\n'))
            {
                if (line.StartsWith("layer ", StringComparison.Ordinal))
                {
                    units.Add([]);
                    unit = units.Count - 1;
                }
                else if (line.StartsWith("network", StringComparison.Ordinal)) unit = 0;
                else if (line.Length > 10 && int.TryParse(line.AsSpan(0, 8), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int position))
                    units[unit].Add((position, line[10..line.IndexOf(" = ", StringComparison.Ordinal)]));
            }
            for (int u = 0; u < units.Count; u++)
            {
                var list = units[u];
                sections.Add(([.. list.Select(f => f.Position)], [.. list.Where(f => f.Name.EndsWith('?')).Select(f => f.Position)]));
                sections.Add(([], [])); // data
                for (int i = 0; i < list.Count; i++) fields.Add((new(2 * u, list[i].Position, i + 1 < list.Count ? list[i + 1].Position : cut.Parts[2 * u].Bytes.Length), list[i].Name));
            }
        }
        catch (StrataException)
        {
            return s_unknown; // damaged: any position will do
        }
        return new(sections, [.. fields.GroupBy(f => f.Name, f => f.Field).Select(g => g.ToArray())]);
    }
}

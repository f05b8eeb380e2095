using System.Globalization;
using System.Runtime.CompilerServices;
using Strata.Bitstream;

namespace Strata.Fuzz;

/// <summary>Damages encoded networks where their structure is: fields of headers, sections, directory, lengths; most damage is sealed again.</summary>
internal sealed class FileMutator
{
    private const int PrologueBytes = 64, EntryBytes = 32;

    // Where fields begin, for each section of a file of the corpus, and those of them that say whether an attribute is there; found once.
    private readonly ConditionalWeakTable<byte[], List<(int[] Starts, int[] States)>> fields = [];

    public byte[] Mutate(byte[] file, Corpus corpus, Random random) => random.Next(400) == 0 ? CodedFiles.Damage(file, random) ?? Flipped(file, random) : random.Next(16) switch
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
        var sections = fields.GetValue(file, FieldsOf);
        byte[]? other = null;
        for (int edits = random.Next(1, 3); edits > 0; edits--)
        {
            int p = random.Next(cut.Parts.Count);
            var part = cut.Parts[p];
            if (part.Bytes.Length == 0) part = cut.Parts[p = 0];
            var (known, states) = p < sections.Count ? sections[p] : ([], []);
            if (states.Length > 0 && random.Next(8) == 0 && states[random.Next(states.Length)] is var state && state < part.Bytes.Length)
            {
                byte[] copy = [.. part.Bytes];
                copy[state] = (byte)random.Next(4);
                cut.Parts[p] = part with { Bytes = copy };
                continue;
            }
            int position = known.Length > 0 && random.Next(8) != 0 ? known[random.Next(known.Length)] : random.Next(part.Bytes.Length + 1);
            if (other is null && FileParts.Cut(corpus.Pick(random)) is { Parts.Count: > 0 } donor) other = donor.Parts[random.Next(donor.Parts.Count)].Bytes;
            cut.Parts[p] = part with { Bytes = Edits.Change(part.Bytes, position, other ?? [], random) };
        }
        return cut.Join();
    }

    // The trace prints the position of every field of plain headers.
    private static List<(int[] Starts, int[] States)> FieldsOf(byte[] file)
    {
        var sections = new List<(int[], int[])>();
        if (file.Length < PrologueBytes || file[10] != 0) return sections;
        try
        {
            var units = new List<(List<int> Starts, List<int> States)> { ([], []) };
            int unit = 0;
            foreach (string line in EncodedNetwork.Trace(new MemoryByteSource(file)).Split('\n'))
            {
                if (line.StartsWith("layer ", StringComparison.Ordinal))
                {
                    units.Add(([], []));
                    unit = units.Count - 1;
                }
                else if (line.StartsWith("network", StringComparison.Ordinal)) unit = 0;
                else if (line.Length > 10 && int.TryParse(line.AsSpan(0, 8), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int position))
                {
                    units[unit].Starts.Add(position);
                    if (line.Contains("? =", StringComparison.Ordinal)) units[unit].States.Add(position);
                }
            }
            foreach (var (starts, states) in units)
            {
                sections.Add(([.. starts], [.. states]));
                sections.Add(([], [])); // data
            }
        }
        catch (StrataException)
        {
            // Damaged: any position will do.
        }
        return sections;
    }
}

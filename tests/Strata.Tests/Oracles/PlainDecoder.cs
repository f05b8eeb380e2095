namespace Strata.Tests.Oracles;

/// <summary>
/// A second decoder of encoded networks, written from docs/bitstream.md and docs/operator-numbers.md alone: plain, slow, and
/// sharing nothing with the one in the runtime. It knows the format but no operator's rules.
/// </summary>
internal sealed class PlainDecoder(PlainTables tables)
{
    private const int MostHeaderBytes = 64 << 20;

    /// <summary>What the elements of all constants may take, as "What readers verify" counts them.</summary>
    public long MostDecodedBytes { get; init; } = long.MaxValue;

    private readonly record struct Entry(int Kind, bool Required, long Ordinal, long Offset, long Length, uint Checksum);

    /// <summary>Decodes a whole file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="constants">False to leave the payloads of constants, and the section source, alone.</param>
    public PlainFile Decode(byte[] file, bool constants = true)
    {
        int minor = Prologue(file, out int count);
        var entries = Directory(file, count, minor);
        var units = entries.FindAll(e => e.Kind is 1 or 3);
        var headers = new PlainHeaders(tables, minor, units.Sum(e => e.Length));
        var network = minor == 0 ? UnitHeaders(file, entries, units.Count, headers) : CodedHeaders(file, entries, headers, minor);
        var metadata = new PlainByteFields(Optional(file, entries, 16) ?? [0]);
        network.Metadata = PlainHeaders.Metadata(metadata);
        PlainFields.Check(metadata.Left == 0, "bytes after the metadata");
        if (constants) Payloads(file, entries, minor, headers.Units);
        return new(minor, network, [.. headers.Units.SelectMany(u => u)], constants ? Optional(file, entries, 17) : null);
    }

    private static int Prologue(byte[] file, out int count)
    {
        PlainFields.Check(file.Length >= 64, "the file ends in its prologue");
        ReadOnlySpan<byte> signature = [0x89, 0x53, 0x54, 0x52, 0x54, 0x0D, 0x0A, 0x1A];
        PlainFields.Check(file.AsSpan(0, 8).SequenceEqual(signature), "another signature");
        PlainFields.Check(PlainChecksum.Of(file.AsSpan(0, 60)) == BitConverter.ToUInt32(file, 60), "the prologue's checksum");
        int major = BitConverter.ToUInt16(file, 8), minor = BitConverter.ToUInt16(file, 10);
        PlainFields.Check(major == 1 && minor <= 2, "another version of the format");
        uint n = BitConverter.ToUInt32(file, 12);
        PlainFields.Check(n >= 2 && 32L * n <= MostHeaderBytes, "too few or too many directory entries");
        PlainFields.Check(BitConverter.ToUInt64(file, 16) == 0, "features that are not known");
        PlainFields.Check(BitConverter.ToUInt64(file, 24) == (ulong)file.Length, "another length");
        PlainFields.Check(64 + 32L * n <= file.Length, "the file ends in its directory");
        count = (int)n;
        return minor;
    }

    private static List<Entry> Directory(byte[] file, int count, int minor)
    {
        var entries = Enumerable.Range(0, count).Select(i => ReadEntry(file, i)).ToList();
        int units = minor == 0 ? entries.FindIndex(e => e.Kind is not (1 or 2)) : 2;
        if (units < 0) units = count;
        PlainFields.Check(units >= 2 && units % 2 == 0, "a header without data");
        long headersEnd = 64 + 32L * count;
        for (int i = 0; i < units; i++)
        {
            var entry = entries[i];
            PlainFields.Check(entry.Kind == (minor == 0 ? 1 : 3) + i % 2 && entry.Ordinal == i / 2 && entry.Required, "another entry belongs there", i);
            if (i % 2 == 1) PlainFields.Check(entry.Checksum == 0 && entry.Offset % 64 == 0, "data that is not aligned or has a checksum", i);
            else
            {
                PlainFields.Check(i == 0 ? entry.Offset >= headersEnd : entry.Offset == headersEnd, "a header starts elsewhere", i);
                headersEnd = entry.Offset + entry.Length;
            }
        }
        foreach (var entry in entries[units..]) PlainFields.Check(entry.Kind is not (1 or 2 or 3 or 4) && !entry.Required && (entry.Ordinal == 0 || entry.Kind is not (16 or 17)), "another section", entry.Kind);
        foreach (int kind in new[] { 16, 17 }) PlainFields.Check(entries.Count(e => e.Kind == kind) <= 1, "two sections", kind);
        PlainFields.Check(entries.Where(e => e.Kind is 1 or 3).Sum(e => e.Length) <= MostHeaderBytes, "too many bytes of headers");
        long end = headersEnd;
        foreach (var entry in entries.Where(e => e.Kind is not (1 or 3)))
        {
            PlainFields.Check(entry.Offset >= end, "a section overlaps the one before it", entry.Kind);
            end = entry.Offset + entry.Length;
        }
        return entries;
    }

    private static Entry ReadEntry(byte[] file, int i)
    {
        int at = 64 + 32 * i;
        PlainFields.Check(PlainChecksum.Of(file.AsSpan(at, 28), (uint)i) == BitConverter.ToUInt32(file, at + 28), "the checksum of an entry", i);
        ulong offset = BitConverter.ToUInt64(file, at + 8), length = BitConverter.ToUInt64(file, at + 16);
        PlainFields.Check(offset <= (ulong)file.Length && length <= (ulong)file.Length - offset, "a section does not lie within the file", i);
        return new(BitConverter.ToUInt16(file, at), (BitConverter.ToUInt16(file, at + 2) & 1) != 0, BitConverter.ToUInt32(file, at + 4), (long)offset, (long)length, BitConverter.ToUInt32(file, at + 24));
    }

    private static PlainNetwork UnitHeaders(byte[] file, List<Entry> entries, int units, PlainHeaders headers)
    {
        headers.DataBytes = entries[1].Length;
        var first = new PlainByteFields(Section(file, entries[0]));
        var network = headers.NetworkHeader(first);
        for (int u = 1; u < units; u++)
        {
            headers.DataBytes = entries[2 * u + 1].Length;
            var fields = new PlainByteFields(Section(file, entries[2 * u]));
            headers.LayerHeader(fields, network);
            PlainFields.Check(fields.Left == 0, "bytes after the header of unit", u);
        }
        headers.LastOutputs(first, network);
        PlainFields.Check(first.Left == 0, "bytes after the network header");
        return network;
    }

    private static PlainNetwork CodedHeaders(byte[] file, List<Entry> entries, PlainHeaders headers, int minor)
    {
        var section = new PlainByteFields(Section(file, entries[0]));
        long c = entries[0].Length, n = section.Unsigned("fields", MostHeaderBytes);
        PlainFields.Check(n <= (c <= 1024 ? 4 * c : 64 * c), "too many bytes of fields");
        byte[] stream = section.Bytes("stream", MostHeaderBytes);
        PlainCodedFields fields = minor == 1 ? new PlainBitModel(stream, (int)n, (int)c) : new PlainGuessModel(stream, (int)n, (int)c);
        var network = headers.NetworkHeader(fields);
        int layers = fields.List("layers");
        for (int i = 0; i < layers; i++) headers.LayerHeader(fields, network);
        headers.LastOutputs(fields, network);
        fields.Finish();
        long position = 0;
        foreach (var constant in headers.Units.SelectMany(u => u).Where(k => k.Inline is null))
        {
            if (constant.Codec == 0 && PlantedBug.In("alignment") == 0) position = (position + 63) / 64 * 64;
            constant.Offset = position;
            position += constant.Length;
            PlainFields.Check(position <= entries[1].Length, "a payload ends behind the data");
        }
        return network;
    }

    private void Payloads(byte[] file, List<Entry> entries, int minor, List<List<PlainConstant>> units)
    {
        long most = units.SelectMany(u => u).Sum(c => c.Type.Element == 8 ? 32 * c.Count + 2 * c.Length : PlainCodecs.RawBytes(c, tables));
        PlainFields.Check(most <= MostDecodedBytes, "more elements than the caller allows");
        for (int u = 0; u < units.Count; u++)
        {
            long start = entries[minor == 0 ? 2 * u + 1 : 1].Offset;
            foreach (var constant in units[u])
            {
                if (constant.Transposes is { } other)
                {
                    constant.Bytes = Transposed(other);
                    continue;
                }
                byte[] payload = constant.Inline ?? file.AsSpan((int)(start + constant.Offset), (int)constant.Length).ToArray();
                PlainFields.Check(constant.Inline is not null || PlainChecksum.Of(payload) == constant.Checksum, "a payload's checksum");
                PlainCodecs.Decode(constant, payload, tables);
            }
        }
    }

    // Earlier constants are decoded.
    private static byte[] Transposed(PlainConstant other)
    {
        int size = (int)(other.Bytes!.Length / Math.Max(1, other.Count)), rows = (int)other.Type.Dims![0].Constant!.Value, columns = (int)other.Type.Dims[1].Constant!.Value;
        byte[] bytes = new byte[other.Bytes.Length];
        for (int i = 0; i < rows * columns; i++) other.Bytes.AsSpan(i * size, size).CopyTo(bytes.AsSpan((i % columns * (rows + PlantedBug.In("transposed") * (columns - rows)) + i / columns) * size));
        return bytes;
    }

    private static byte[]? Optional(byte[] file, List<Entry> entries, int kind)
    {
        int i = entries.FindIndex(e => e.Kind == kind);
        if (i < 0) return null;
        PlainFields.Check(entries[i].Length <= MostHeaderBytes, "an optional section is too long", kind);
        return Section(file, entries[i]);
    }

    private static byte[] Section(byte[] file, Entry entry)
    {
        byte[] section = file.AsSpan((int)entry.Offset, (int)entry.Length).ToArray();
        PlainFields.Check(PlainChecksum.Of(section) == entry.Checksum, "the checksum of a section", entry.Kind);
        return section;
    }
}

using System.Buffers.Binary;

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

    private readonly record struct Entry(int Kind, bool Required, long Ordinal, long Offset, long Length, uint Checksum)
    {
        public long End => Offset + Length;
    }

    /// <summary>Decodes a whole file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="constants">False to leave the payloads of constants, and the section source, alone.</param>
    public PlainFile Decode(byte[] file, bool constants = true)
    {
        int minor = Prologue(file, out int count);
        var entries = Directory(file, count, minor);
        int units = minor == 0 ? entries.Count(e => e.Kind == 1) : 1;
        long headerBytes = 0;
        for (int u = 0; u < units; u++) headerBytes += entries[2 * u].Length;
        var headers = new PlainHeaders(tables, minor, headerBytes);
        var network = minor == 0 ? UnitHeaders(file, entries, units, headers) : CodedHeaders(file, entries, headers, minor);
        network.Metadata = Optional(file, entries, 16) is { } metadata ? Metadata(metadata) : [];
        if (constants) Payloads(file, entries, minor, headers.Units);
        return new(minor, network, [.. headers.Units.SelectMany(u => u)], constants ? Optional(file, entries, 17) : null);
    }

    private static int Prologue(byte[] file, out int count)
    {
        PlainFields.Check(file.Length >= 64, "the file ends in its prologue");
        ReadOnlySpan<byte> signature = [0x89, 0x53, 0x54, 0x52, 0x54, 0x0D, 0x0A, 0x1A];
        PlainFields.Check(file.AsSpan(0, 8).SequenceEqual(signature), "another signature");
        PlainFields.Check(PlainChecksum.Of(file.AsSpan(0, 60)) == U32(file, 60), "the prologue's checksum");
        int major = U16(file, 8), minor = U16(file, 10);
        PlainFields.Check(major == 1 && minor <= 2, $"format {major}.{minor}");
        uint n = U32(file, 12);
        PlainFields.Check(n >= 2 && 32L * n <= MostHeaderBytes, $"{n} directory entries");
        PlainFields.Check(U64(file, 16) == 0, "features that are not known");
        PlainFields.Check(U64(file, 24) == (ulong)file.Length, "another length");
        PlainFields.Check(64 + 32L * n <= file.Length, "the file ends in its directory");
        count = (int)n;
        return minor;
    }

    private static List<Entry> Directory(byte[] file, int count, int minor)
    {
        var entries = new List<Entry>();
        long headersEnd = 64 + 32L * count, dataEnd = 0, headerBytes = 0;
        int units = -1;
        for (int i = 0; i < count; i++)
        {
            int at = 64 + 32 * i;
            PlainFields.Check(PlainChecksum.Of(file.AsSpan(at, 28), (uint)i) == U32(file, at + 28), $"the checksum of entry {i}");
            ulong offset = U64(file, at + 8), length = U64(file, at + 16);
            PlainFields.Check(offset <= (ulong)file.Length && length <= (ulong)file.Length - offset, $"section {i} does not lie within the file");
            var entry = new Entry(U16(file, at), (U16(file, at + 2) & 1) != 0, U32(file, at + 4), (long)offset, (long)length, U32(file, at + 24));
            entries.Add(entry);
            if (minor == 0 ? entry.Kind is 1 or 2 : i < 2)
            {
                PlainFields.Check(units < 0, "a unit behind other sections");
                PlainFields.Check(entry.Kind == (minor == 0 ? 1 : 3) + i % 2 && entry.Ordinal == i / 2 && entry.Required, $"entry {i} is not what belongs there");
                if (i % 2 == 0)
                {
                    PlainFields.Check(i == 0 ? entry.Offset >= headersEnd : entry.Offset == headersEnd, $"header {i / 2} starts elsewhere");
                    headersEnd = entry.End;
                    headerBytes += entry.Length;
                }
                else PlainFields.Check(entry.Checksum == 0 && entry.Offset % 64 == 0, $"data {i / 2} is not aligned or has a checksum");
                continue;
            }
            if (units < 0)
            {
                units = i;
                PlainFields.Check(i >= 2 && i % 2 == 0, "a header without data");
            }
            PlainFields.Check(entry.Kind is not (1 or 2 or 3 or 4), $"entry {i} of kind {entry.Kind}");
            PlainFields.Check(entry.Kind is 16 or 17 ? !entry.Required && entry.Ordinal == 0 : !entry.Required, $"a required section of kind {entry.Kind}");
        }
        if (units < 0) PlainFields.Check((units = count) % 2 == 0, "a header without data");
        PlainFields.Check(headerBytes <= MostHeaderBytes, "too many bytes of headers");
        dataEnd = headersEnd;
        for (int i = 1; i < count; i += i < units - 1 ? 2 : 1)
        {
            PlainFields.Check(entries[i].Offset >= dataEnd, $"section {i} overlaps the one before it");
            dataEnd = entries[i].End;
        }
        foreach (int kind in new[] { 16, 17 }) PlainFields.Check(entries.Count(e => e.Kind == kind) <= 1, $"two sections of kind {kind}");
        return entries;
    }

    private static PlainNetwork UnitHeaders(byte[] file, List<Entry> entries, int units, PlainHeaders headers)
    {
        headers.DataBytes = entries[1].Length;
        var first = Header(file, entries[0]);
        var network = headers.NetworkHeader(first);
        for (int u = 1; u < units; u++)
        {
            headers.DataBytes = entries[2 * u + 1].Length;
            var fields = Header(file, entries[2 * u]);
            headers.LayerHeader(fields, network);
            PlainFields.Check(fields.Left == 0, $"bytes after the header of unit {u}");
        }
        // The outputs belong to unit 0: distances count back from it, so only its own constants can be meant.
        var others = headers.Units[1..];
        headers.Units.RemoveRange(1, others.Count);
        headers.Outputs(first, network);
        headers.Units.AddRange(others);
        PlainFields.Check(first.Left == 0, "bytes after the network header");
        return network;
    }

    private static PlainByteFields Header(byte[] file, Entry entry)
    {
        Seal(file, entry);
        return new(file, (int)entry.Offset, (int)entry.End);
    }

    private static PlainNetwork CodedHeaders(byte[] file, List<Entry> entries, PlainHeaders headers, int minor)
    {
        var section = Header(file, entries[0]);
        long c = entries[0].Length, n = section.Unsigned("fields", MostHeaderBytes);
        PlainFields.Check(n <= (c <= 1024 ? 4 * c : 64 * c), $"{n} bytes of fields in {c}");
        byte[] stream = section.Bytes("stream", MostHeaderBytes);
        PlainCodedFields fields = minor == 1 ? new PlainBitModel(stream, (int)n, (int)c) : new PlainGuessModel(stream, (int)n, (int)c);
        var network = headers.NetworkHeader(fields);
        int layers = fields.List("layers");
        for (int i = 0; i < layers; i++) headers.LayerHeader(fields, network);
        var others = headers.Units[1..];
        headers.Units.RemoveRange(1, others.Count);
        headers.Outputs(fields, network);
        headers.Units.AddRange(others);
        fields.Finish();
        long position = 0;
        foreach (var constant in headers.Units.SelectMany(u => u).Where(k => k.Inline is null))
        {
            if (constant.Codec == 0) position = (position + 63) / 64 * 64;
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
                    // Earlier constants are decoded.
                    int size = (int)(other.Bytes!.Length / Math.Max(1, other.Count)), rows = (int)other.Type.Dims![0].Constant!.Value, columns = (int)other.Type.Dims[1].Constant!.Value;
                    constant.Bytes = new byte[other.Bytes.Length];
                    for (int i = 0; i < rows * columns; i++) other.Bytes.AsSpan(i * size, size).CopyTo(constant.Bytes.AsSpan((i % columns * rows + i / columns) * size));
                    continue;
                }
                byte[] payload = constant.Inline ?? file.AsSpan((int)(start + constant.Offset), (int)constant.Length).ToArray();
                PlainFields.Check(constant.Inline is not null || PlainChecksum.Of(payload) == constant.Checksum, "a payload's checksum");
                PlainCodecs.Decode(constant, payload, tables);
            }
        }
    }

    private static byte[]? Optional(byte[] file, List<Entry> entries, int kind)
    {
        foreach (var entry in entries.Where(e => e.Kind == kind))
        {
            PlainFields.Check(entry.Length <= MostHeaderBytes, $"a section of kind {kind} with {entry.Length} bytes");
            Seal(file, entry);
            return file.AsSpan((int)entry.Offset, (int)entry.Length).ToArray();
        }
        return null;
    }

    private static List<(string, string)> Metadata(byte[] section)
    {
        var fields = new PlainByteFields(section, 0, section.Length);
        var metadata = PlainHeaders.Metadata(fields);
        PlainFields.Check(fields.Left == 0, "bytes after the metadata");
        return metadata;
    }

    private static void Seal(byte[] file, Entry entry) =>
        PlainFields.Check(PlainChecksum.Of(file.AsSpan((int)entry.Offset, (int)entry.Length)) == entry.Checksum, $"the checksum of a section of kind {entry.Kind}");

    private static ushort U16(byte[] file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at));

    private static uint U32(byte[] file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));

    private static ulong U64(byte[] file, int at) => BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
}

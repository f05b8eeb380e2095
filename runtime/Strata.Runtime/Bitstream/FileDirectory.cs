using System.Globalization;
using System.Text;

namespace Strata.Bitstream;

/// <summary>
/// The directory of an open file: where each section lies. Units come first: header and data of unit 0, 1, …; where headers are
/// coded, all of them and all data are one unit.
/// </summary>
internal sealed class FileDirectory
{
    /// <summary>Data of units, and in it what is used in place, starts at multiples of this.</summary>
    public const int Alignment = 64;

    /// <summary>The first aligned position from one on.</summary>
    public static long Align(long position) => (position + Alignment - 1) / Alignment * Alignment;

    private readonly DirectoryEntry[] entries;
    private readonly Prologue prologue;

    private FileDirectory(Prologue prologue, DirectoryEntry[] entries, int unitCount) => (this.prologue, this.entries, UnitCount) = (prologue, entries, unitCount);

    public int UnitCount { get; }

    public int FormatVersion => prologue.FormatVersion;

    public int MinorVersion => prologue.MinorVersion;

    /// <summary>True when one section holds all headers.</summary>
    public bool HasCodedHeaders => prologue.HasCodedHeaders;

    public long FileLength => prologue.FileLength;

    public DirectoryEntry Header(int unit) => entries[2 * unit];

    public DirectoryEntry Data(int unit) => entries[2 * unit + 1];

    public DirectoryEntry? Find(SectionKind kind)
    {
        foreach (var entry in entries)
        {
            if (entry.Kind == kind) return entry;
        }
        return null;
    }

    /// <summary>Reads prologue and directory and checks that they describe a file of this length.</summary>
    public static FileDirectory Read(IByteSource source)
    {
        var prologue = ReadPrologue(source);
        var bytes = source.ReadArrived(Prologue.Size, (long)prologue.EntryCount * DirectoryEntry.Size);
        var entries = new DirectoryEntry[prologue.EntryCount];
        int units = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            var entry = entries[i] = DirectoryEntry.Read(bytes.AsSpan(i * DirectoryEntry.Size), i, prologue.FileLength, source.Name);
            bool isUnitPart = entry.Kind is SectionKind.UnitHeader or SectionKind.UnitData or SectionKind.CodedHeaders or SectionKind.Data, isData = i % 2 != 0;
            if (Enum.IsDefined(entry.Kind) && (entry.IsRequired != isUnitPart || !isUnitPart && entry.Ordinal != 0 || isUnitPart && isData && entry.Crc != 0))
                throw new StrataFormatException($"{source.Name}: directory entry {i} ({entry.Kind} {entry.Ordinal}) has flags, an ordinal or a checksum that its kind does not have");
            if (isUnitPart && i / 2 == units && entry.Kind == prologue.KindOf(isData) && entry.Ordinal == units && (units == 0 || !prologue.HasCodedHeaders)
                && (!isData || entries[i - 1].Kind == prologue.KindOf(isData: false)))
            {
                if (isData) units++;
            }
            else if (isUnitPart) throw new StrataFormatException($"{source.Name}: directory entry {i} ({entry.Kind} {entry.Ordinal}) is out of order");
            else if (entry.IsRequired && !Enum.IsDefined(entry.Kind)) throw new StrataFormatException($"{source.Name}: section {i} has kind {(int)entry.Kind}, which is required and unknown; use a newer Strata");
        }
        var directory = new FileDirectory(prologue, entries, units);
        directory.CheckHeaders(source.Name);
        directory.CheckOrder(source.Name);
        return directory;
    }

    public static Prologue ReadPrologue(IByteSource source)
    {
        if (source.Length < Prologue.Size) throw new StrataFormatException($"{source.Name}: not an encoded network: it has {source.Length} bytes, the prologue alone has {Prologue.Size}");
        Span<byte> bytes = stackalloc byte[Prologue.Size];
        source.Read(0, bytes);
        var prologue = Prologue.Read(bytes, source.Name);
        if (source.Length != prologue.FileLength && source is not StreamByteSource)
            throw new StrataFormatException($"{source.Name}: the file has {source.Length} bytes, its prologue says {prologue.FileLength}{(source.Length < prologue.FileLength ? "; it is truncated" : "")}");
        return prologue;
    }

    public byte[] ReadSection(IByteSource source, DirectoryEntry entry)
    {
        var bytes = source.ReadArrived(entry.Offset, entry.Length);
        CheckCrc(bytes, entry, source.Name);
        return bytes;
    }

    /// <summary>All unit headers, which are contiguous, in one read.</summary>
    public ReadOnlyMemory<byte>[] ReadHeaders(IByteSource source)
    {
        long start = Header(0).Offset, end = Header(UnitCount - 1).Offset + Header(UnitCount - 1).Length;
        var bytes = source.ReadArrived(start, end - start);
        var headers = new ReadOnlyMemory<byte>[UnitCount];
        for (int u = 0; u < headers.Length; u++)
        {
            headers[u] = bytes.AsMemory((int)(Header(u).Offset - start), (int)Header(u).Length);
            CheckCrc(headers[u].Span, Header(u), source.Name);
        }
        return headers;
    }

    public void Print(StringBuilder output)
    {
        output.Append(CultureInfo.InvariantCulture, $"prologue: format {Prologue.Major}.{prologue.MinorVersion}, {entries.Length} sections, {prologue.FileLength} bytes\n");
        foreach (var entry in entries)
            output.Append(CultureInfo.InvariantCulture, $"  {entry.Kind} {entry.Ordinal}: offset {entry.Offset}, length {entry.Length}, crc32c 0x{entry.Crc:x8}{(entry.IsRequired ? "" : ", optional")}\n");
    }

    private static void CheckCrc(ReadOnlySpan<byte> bytes, DirectoryEntry entry, string file)
    {
        if (Checksum.Of(bytes) != entry.Crc) throw new StrataFormatException($"{file}: section {entry.Kind} {entry.Ordinal} at byte {entry.Offset} is corrupt (checksum)");
    }

    private void CheckHeaders(string file)
    {
        if (UnitCount == 0 || entries.Length > 2 * UnitCount && entries[2 * UnitCount].Kind == prologue.KindOf(isData: false))
            throw new StrataFormatException($"{file}: the directory lists no complete unit");
        for (int u = 1; u < UnitCount; u++)
        {
            if (Header(u).Offset != Header(u - 1).Offset + Header(u - 1).Length) throw new StrataFormatException($"{file}: the header of layer {u - 1} does not follow the one before it");
        }
        if (Header(UnitCount - 1).Offset + Header(UnitCount - 1).Length - Header(0).Offset > Limits.HeaderBytes) throw new StrataFormatException($"{file}: headers exceed {Limits.HeaderBytes} bytes");
    }

    // Headers, data, other sections, each behind the one before: no byte belongs to two sections, and a stream can be read front to back.
    private void CheckOrder(string file)
    {
        long end = Prologue.Size + (long)entries.Length * DirectoryEntry.Size;
        for (int u = 0; u < UnitCount; u++) Follow(2 * u);
        for (int u = 0; u < UnitCount; u++) Follow(2 * u + 1);
        var kinds = new HashSet<SectionKind>();
        for (int i = 2 * UnitCount; i < entries.Length; i++)
        {
            Follow(i);
            if (Enum.IsDefined(entries[i].Kind) && !kinds.Add(entries[i].Kind)) throw new StrataFormatException($"{file}: there are two sections of kind {entries[i].Kind}");
        }

        void Follow(int i)
        {
            var entry = entries[i];
            if (entry.Offset < end) throw new StrataFormatException($"{file}: section {i} ({entry.Kind}) at byte {entry.Offset} begins before byte {end}, where what precedes it ends");
            if (entry.Kind == prologue.KindOf(isData: true) && entry.Offset % Alignment != 0) throw new StrataFormatException($"{file}: section {i} ({entry.Kind}) at byte {entry.Offset} is not aligned to {Alignment} bytes");
            end = entry.Offset + entry.Length;
        }
    }
}

using System.Buffers.Binary;

namespace Strata.Bitstream;

/// <summary>What a section holds. Numbers are permanent.</summary>
public enum SectionKind : ushort
{
    /// <summary>The header of a unit: the network (ordinal 0) or layer k (ordinal k + 1).</summary>
    UnitHeader = 1,
    /// <summary>The constants that a unit owns.</summary>
    UnitData = 2,
    /// <summary>All headers, entropy-coded (since format 1.1).</summary>
    CodedHeaders = 3,
    /// <summary>All constants (since format 1.1).</summary>
    Data = 4,
    /// <summary>Optional: free-form facts about the model.</summary>
    Metadata = 16,
    /// <summary>Optional: the model from which the network was made, without the tensors that the network holds.</summary>
    Source = 17,
}

/// <summary>The first 64 bytes of a file: docs/bitstream.md, "Prologue".</summary>
internal readonly record struct Prologue(int EntryCount, ulong RequiredFeatures, long FileLength, ushort MinorVersion = Prologue.Minor)
{
    /// <summary>What attributes state as the version that introduced them.</summary>
    public int FormatVersion => MinorVersion + 1;

    /// <summary>True when one section holds all headers.</summary>
    public bool HasCodedHeaders => MinorVersion >= CodedHeaders;

    /// <summary>The kind of the sections that hold headers, or constants.</summary>
    public SectionKind KindOf(bool isData) => HasCodedHeaders
        ? isData ? SectionKind.Data : SectionKind.CodedHeaders
        : isData ? SectionKind.UnitData : SectionKind.UnitHeader;

    public const int Size = 64;
    public const ushort Major = 1, Minor = 2;

    /// <summary>The minor version from which on headers are coded.</summary>
    public const ushort CodedHeaders = 1;

    /// <summary>The minor version from which on coded headers are coded by candidates for whole bytes.</summary>
    public const ushort Candidates = 2;

    // As PNG's: a non-ASCII byte, then line ends and end-of-file that careless transfers mangle.
    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'S', (byte)'T', (byte)'R', (byte)'T', 0x0D, 0x0A, 0x1A];

    public static bool HasSignature(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Magic);

    public void Write(Span<byte> bytes)
    {
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Major);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[10..], MinorVersion);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], EntryCount);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], RequiredFeatures);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], FileLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[60..], Checksum.Of(bytes[..60]));
    }

    public static Prologue Read(ReadOnlySpan<byte> bytes, string file)
    {
        if (!HasSignature(bytes)) throw new StrataFormatException($"{file}: not an encoded network: it does not start with Strata's signature");
        ushort major = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (major != Major) throw new StrataFormatException($"{file}: format version {major} is not known; this build reads version {Major}");
        if (Checksum.Of(bytes[..60]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[60..])) throw new StrataFormatException($"{file}: the prologue is corrupt (checksum)");
        var prologue = new Prologue(BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]));
        if (prologue.MinorVersion > Minor) throw new StrataFormatException($"{file}: format version {Major}.{prologue.MinorVersion} is newer than {Major}.{Minor}, which this build reads; use a newer Strata");
        if (prologue.RequiredFeatures != 0) throw new StrataFormatException($"{file}: needs features 0x{prologue.RequiredFeatures:x} that this build lacks; use a newer Strata");
        long most = Math.Min(prologue.FileLength - Size, Limits.HeaderBytes) / DirectoryEntry.Size;
        if (prologue.EntryCount < 2 || prologue.EntryCount > most) throw new StrataFormatException($"{file}: {prologue.EntryCount} directory entries, allowed are 2 to {most}");
        return prologue;
    }
}

/// <summary>One section's place: docs/bitstream.md, "Directory".</summary>
internal readonly record struct DirectoryEntry(SectionKind Kind, bool IsRequired, int Ordinal, long Offset, long Length, uint Crc)
{
    public const int Size = 32;

    public void Write(Span<byte> bytes, int index)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)Kind);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], IsRequired ? (ushort)1 : (ushort)0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Ordinal);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Offset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], Crc);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[28..], Checksum.Of(bytes[..28], (uint)index));
    }

    public static DirectoryEntry Read(ReadOnlySpan<byte> bytes, int index, long fileLength, string file)
    {
        if (Checksum.Of(bytes[..28], (uint)index) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..])) throw new StrataFormatException($"{file}: directory entry {index} is corrupt (checksum)");
        var entry = new DirectoryEntry(
            (SectionKind)BinaryPrimitives.ReadUInt16LittleEndian(bytes), (BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]) & 1) != 0,
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]));
        if (entry.Offset < Prologue.Size || entry.Length < 0 || entry.Offset > fileLength - entry.Length)
            throw new StrataFormatException($"{file}: section {index} ({entry.Kind}) lies outside the file: offset {entry.Offset}, length {entry.Length}");
        if (entry.Kind is not (SectionKind.UnitData or SectionKind.Data) && entry.Length > Limits.HeaderBytes)
            throw new StrataFormatException($"{file}: section {index} ({entry.Kind}) has {entry.Length} bytes, allowed are {Limits.HeaderBytes}");
        return entry;
    }
}

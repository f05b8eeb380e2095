using System.Buffers.Binary;
using Strata.Bitstream;

namespace Strata.Fuzz;

/// <summary>An encoded network cut at its directory, to be changed and put together again with offsets and checksums that fit.</summary>
internal sealed class FileParts
{
    private const int PrologueBytes = 64, EntryBytes = 32;

    public sealed record Part(ushort Kind, ushort Flags, uint Ordinal, byte[] Bytes)
    {
        public bool IsData => Kind is 2 or 4;
    }

    public byte[] Prologue { get; private init; } = [];

    public List<Part> Parts { get; } = [];

    /// <summary>Cuts a file; sections that do not lie within it are empty. Null when there is no directory.</summary>
    public static FileParts? Cut(byte[] file)
    {
        if (file.Length < PrologueBytes) return null;
        long count = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12));
        if (count > 4096 || PrologueBytes + EntryBytes * count > file.Length) return null;
        var parts = new FileParts { Prologue = file[..PrologueBytes] };
        for (int i = 0; i < count; i++)
        {
            var entry = file.AsSpan(PrologueBytes + EntryBytes * i, EntryBytes);
            long offset = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), length = BinaryPrimitives.ReadInt64LittleEndian(entry[16..]);
            bool inside = offset >= 0 && length >= 0 && offset <= file.Length - length;
            parts.Parts.Add(new(BinaryPrimitives.ReadUInt16LittleEndian(entry), BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]),
                inside ? file[(int)offset..(int)(offset + length)] : []));
        }
        return parts;
    }

    /// <summary>A file of these parts: headers first, then data and what follows, aligned; before one of them may be some bytes that belong to none.</summary>
    public byte[] Join(int gapAt = -1, int gap = 0)
    {
        int position = PrologueBytes + EntryBytes * Parts.Count;
        int[] offsets = new int[Parts.Count];
        for (int i = 0; i < Parts.Count; i++)
        {
            if (Parts[i].Kind is not (1 or 3)) continue;
            if (i == gapAt) position += gap;
            offsets[i] = position;
            position += Parts[i].Bytes.Length;
        }
        for (int i = 0; i < Parts.Count; i++)
        {
            if (Parts[i].Kind is 1 or 3) continue;
            if (i == gapAt) position += gap;
            if (Parts[i].IsData) position = (position + 63) / 64 * 64;
            offsets[i] = position;
            position += Parts[i].Bytes.Length;
        }
        byte[] file = new byte[position];
        Prologue.CopyTo(file, 0);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(12), Parts.Count);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(24), file.Length);
        for (int i = 0; i < Parts.Count; i++)
        {
            var (kind, flags, ordinal, bytes) = Parts[i];
            var entry = file.AsSpan(PrologueBytes + EntryBytes * i, EntryBytes);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, kind);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], flags);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], ordinal);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], offsets[i]);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], bytes.Length);
            bytes.CopyTo(file, offsets[i]);
        }
        Seal(file);
        return file;
    }

    /// <summary>Makes all checksums of prologue, directory and sections fit, so that a change gets past them.</summary>
    public static void Seal(byte[] file)
    {
        if (file.Length < PrologueBytes) return;
        long count = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12));
        for (int i = 0; i < count && PrologueBytes + EntryBytes * (i + 1) <= file.Length; i++)
        {
            var entry = file.AsSpan(PrologueBytes + EntryBytes * i, EntryBytes);
            long offset = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), length = BinaryPrimitives.ReadInt64LittleEndian(entry[16..]);
            bool isData = BinaryPrimitives.ReadUInt16LittleEndian(entry) is 2 or 4;
            if (!isData && offset >= 0 && length >= 0 && offset <= file.Length - length)
                BinaryPrimitives.WriteUInt32LittleEndian(entry[24..], Checksum.Of(file.AsSpan((int)offset, (int)length)));
            BinaryPrimitives.WriteUInt32LittleEndian(entry[28..], Checksum.Of(entry[..28], (uint)i));
        }
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(60), Checksum.Of(file.AsSpan(0, 60)));
    }
}

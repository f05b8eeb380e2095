using System.Buffers.Binary;
using Strata.Bitstream;
using Strata.Networks;
using Strata.Operators;
using Strata.Tests.Networks;

namespace Strata.Tests.Bitstream;

/// <summary>Encodes and opens networks in memory.</summary>
internal static class EncodedFile
{
    public static readonly OperatorCatalog Operators = SampleNetworks.Operators;

    public static byte[] Encode(Network network, Func<IReadOnlyList<Constant>, ReadOnlyMemory<byte>>? source = null, ConstantCoding coding = ConstantCoding.Auto)
    {
        using var stream = new MemoryStream();
        NetworkEncoder.Encode(network, stream, new EncodeOptions { Operators = Operators, Source = source, Coding = coding });
        return stream.ToArray();
    }

    /// <summary>With headers that are not coded, so that their fields can be changed.</summary>
    public static byte[] EncodePlain(Network network) => Encode(network, coding: ConstantCoding.Raw);

    public static EncodedNetwork Open(byte[] bytes, long maxMemory = 1 << 30) => EncodedNetwork.Open(new MemoryByteSource(bytes), new DecodeOptions { Operators = Operators, MaxMemory = maxMemory });

    /// <summary>Opens, decodes every constant and reads every section.</summary>
    public static Network Decode(byte[] bytes, long maxMemory = 1 << 30)
    {
        using var file = Open(bytes, maxMemory);
        file.MaterializeAll();
        file.ReadSource();
        return file.Network;
    }

    /// <summary>Recomputes every checksum of a file whose sections lie where its directory says, so that a change gets past them.</summary>
    public static byte[] Reseal(byte[] file)
    {
        var bytes = (byte[])file.Clone();
        int entries = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12));
        for (int i = 0; i < entries && Prologue.Size + (i + 1) * DirectoryEntry.Size <= bytes.Length; i++)
        {
            var entry = bytes.AsSpan(Prologue.Size + i * DirectoryEntry.Size, DirectoryEntry.Size);
            long offset = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), length = BinaryPrimitives.ReadInt64LittleEndian(entry[16..]);
            bool isData = BinaryPrimitives.ReadUInt16LittleEndian(entry) == (ushort)SectionKind.UnitData;
            if (!isData && offset >= 0 && length >= 0 && offset <= bytes.Length - length)
                BinaryPrimitives.WriteUInt32LittleEndian(entry[24..], Checksum.Of(bytes.AsSpan((int)offset, (int)length)));
            BinaryPrimitives.WriteUInt32LittleEndian(entry[28..], Checksum.Of(entry[..28], (uint)i));
        }
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(60), Checksum.Of(bytes.AsSpan(0, 60)));
        return bytes;
    }
}

using System.Buffers.Binary;
using System.Numerics;

namespace Strata.Bitstream;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), which every section of an encoded network carries.</summary>
internal static class Checksum
{
    public static uint Of(ReadOnlySpan<byte> bytes, uint seed = 0)
    {
        uint crc = ~seed;
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}

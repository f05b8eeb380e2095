namespace Strata.Tests.Oracles;

/// <summary>CRC-32C, as "Checksums" defines it.</summary>
internal static class PlainChecksum
{
    private static readonly uint[] s_table = [.. Enumerable.Range(0, 256).Select(b => Enumerable.Range(0, 8).Aggregate((uint)b, OneBit))];

    private static uint OneBit(uint register, int bit) => (register & 1) != 0 ? (register >> 1) ^ 0x82F63B78 : register >> 1;

    public static uint Of(ReadOnlySpan<byte> bytes, uint continued = 0)
    {
        uint register = (PlantedBug.In("continue") == 0 ? continued : 0) ^ 0xFFFFFFFF;
        foreach (byte b in bytes) register = (register >> 8) ^ s_table[(register ^ b) & 255];
        return register ^ 0xFFFFFFFF;
    }
}

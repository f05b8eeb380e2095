using System.Buffers.Binary;

namespace Strata.Fuzz;

/// <summary>Changes of a run of bytes: single bits, bytes and numbers, ranges that are doubled, dropped, moved, or come from elsewhere.</summary>
internal static class Edits
{
    private static readonly byte[] s_bytes = [0, 1, 2, 3, 4, 5, 7, 8, 16, 32, 63, 64, 127, 128, 129, 254, 255];

    private static readonly ulong[] s_numbers =
    [
        0, 1, 2, 3, 4, 7, 8, 9, 16, 17, 18, 127, 128, 255, 256, 512, 513, 4095, 4096, 4097, 65535, 65536, 65537, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 1 << 20, (1 << 20) + 3,
        1 << 30, 0x7FFFFFC7, 0x7FFFFFC8, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, (1UL << 33) - 1, 1UL << 40, long.MaxValue, 1UL << 63, ulong.MaxValue,
    ];

    /// <summary>Flips a few bits.</summary>
    public static void Flip(Span<byte> bytes, Random random)
    {
        for (int flips = random.Next(1, 4); flips > 0 && bytes.Length > 0; flips--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
    }

    /// <summary>Changes a byte or a number of fixed width at a position, without moving anything.</summary>
    public static void Set(Span<byte> bytes, int position, Random random)
    {
        if ((uint)position >= (uint)bytes.Length) return;
        switch (random.Next(6))
        {
            case 0: bytes[position] = (byte)random.Next(256); break;
            case 1: bytes[position] = random.Next(2) == 0 ? (byte)random.Next(6) : s_bytes[random.Next(s_bytes.Length)]; break;
            case 2: bytes[position]++; break;
            case 3: bytes[position]--; break;
            case 4 when position + 4 <= bytes.Length: BinaryPrimitives.WriteUInt32LittleEndian(bytes[position..], (uint)Number(random)); break;
            case 5 when position + 8 <= bytes.Length: BinaryPrimitives.WriteUInt64LittleEndian(bytes[position..], Number(random)); break;
            default: bytes[position] ^= (byte)(1 << random.Next(8)); break;
        }
    }

    /// <summary>Changes bytes at a position and may make the whole longer or shorter.</summary>
    public static byte[] Change(byte[] bytes, int position, byte[] other, Random random)
    {
        position = Math.Clamp(position, 0, bytes.Length);
        int run = Math.Min(random.Next(1, 1 << random.Next(1, 7)), bytes.Length - position);
        switch (random.Next(9))
        {
            case 0: return [.. bytes.AsSpan(0, position), .. bytes.AsSpan(position + run)];
            case 1: return [.. bytes.AsSpan(0, position + run), .. bytes.AsSpan(position)];
            case 2: return [.. bytes.AsSpan(0, position), (byte)random.Next(256), .. bytes.AsSpan(position)];
            case 3: return [.. bytes.AsSpan(0, position), .. Varint(Number(random)), .. bytes.AsSpan(Math.Min(bytes.Length, position + EndOfNumber(bytes.AsSpan(position))))];
            case 4: return bytes[..position];
            case 5 when other.Length > 0:
            {
                int from = random.Next(other.Length), count = Math.Min(random.Next(1, 1 << random.Next(1, 8)), other.Length - from);
                int skip = random.Next(2) == 0 ? Math.Min(count, bytes.Length - position) : 0;
                return [.. bytes.AsSpan(0, position), .. other.AsSpan(from, count), .. bytes.AsSpan(position + skip)];
            }
            case 6 when other.Length > 0:
            {
                int from = random.Next(other.Length);
                return [.. bytes.AsSpan(0, position), .. other.AsSpan(from)];
            }
            default:
                byte[] copy = [.. bytes];
                Set(copy, position, random);
                return copy;
        }
    }

    /// <summary>A number near some bound.</summary>
    public static ulong Number(Random random) => s_numbers[random.Next(s_numbers.Length)] + (ulong)(random.Next(8) == 0 ? random.Next(-2, 3) : 0);

    private static int EndOfNumber(ReadOnlySpan<byte> bytes)
    {
        int i = 0;
        while (i < bytes.Length && bytes[i] >= 128) i++;
        return i + 1;
    }

    /// <summary>A number as headers have it.</summary>
    public static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 128; value >>= 7) bytes.Add((byte)(value | 128));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}

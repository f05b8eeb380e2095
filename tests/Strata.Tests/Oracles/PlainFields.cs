using System.Text;
using System.Text.Unicode;

namespace Strata.Tests.Oracles;

/// <summary>Reads the fields of headers ("Conventions") one byte after the other, from bytes that are there or that are decoded as they are asked for.</summary>
internal abstract class PlainFields
{
    private long items;

    /// <summary>The bytes of the section that have not been read.</summary>
    public abstract int Left { get; }

    protected virtual long MostItems => long.MaxValue;

    protected virtual void Begin(string name, bool isText) { }

    protected abstract byte Next();

    protected virtual void End() { }

    public long Unsigned(string name, long max)
    {
        Begin(name, isText: false);
        long value = Number(max, name);
        End();
        return value;
    }

    private long Number(long max, string name)
    {
        ulong value = 0;
        byte b = 128;
        for (int i = 0; b >= 128; i++)
        {
            Check(i < 9, "more than nine bytes", name);
            Check(Left > 0, "the section ends", name);
            b = Next();
            value |= (ulong)(b & 127) << (7 * i);
            Check(b != 0 || i == 0, "not in the shortest form", name);
        }
        Check(value <= (ulong)max, "a number that is too large", name);
        return (long)value;
    }

    public bool Flag(string name) => Unsigned(name, 1) == 1;

    public long Signed(string name)
    {
        long first = Unsigned(name, (1L << 33) - 1);
        ulong z = (ulong)first >> 1;
        if ((first & 1) != 0)
        {
            long high = Unsigned(name, (1L << 32) - 1);
            Check(high != 0, "the high half is 0", name);
            z |= (ulong)high << (32 + PlantedBug.In("high half"));
        }
        return (long)(z >> 1) ^ -(long)(z & 1);
    }

    public uint Fixed32(string name)
    {
        Begin(name, isText: false);
        Check(Left >= 4, "the section ends", name);
        uint value = 0;
        for (int i = 0; i < 4; i++) value |= (uint)Next() << (8 * i);
        End();
        return value;
    }

    public byte[] Bytes(string name, long max, bool isText = false)
    {
        Begin(name, isText);
        long count = Number(max, name);
        Check(count <= Left, "more bytes than are left", name);
        byte[] bytes = new byte[count];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = Next();
        End();
        return bytes;
    }

    public string Text(string name, long max)
    {
        byte[] bytes = Bytes(name, max, isText: true);
        Check(Utf8.IsValid(bytes), "not well-formed UTF-8", name);
        return Encoding.UTF8.GetString(bytes);
    }

    public string Name(string name) => Text(name, 4096);

    public int List(string name, long max = 1 << 20)
    {
        long count = Unsigned(name, max);
        Check(count <= Left, "more items than bytes are left", name);
        Count(count, name);
        return (int)count;
    }

    /// <summary>Counts items that must obey the bound of coded headers.</summary>
    public void Count(long more, string name)
    {
        items += more;
        Check(items <= MostItems, "more items than the section may have", name);
    }

    /// <summary>A rule of the document, and what it is about.</summary>
    public static void Check(bool holds, string otherwise, object? about = null)
    {
        if (holds || PlantedBug.Drops(otherwise)) return;
        throw new PlainFormatException(about is null ? otherwise : $"{about}: {otherwise}");
    }
}

/// <summary>Fields that stand in the file as they are.</summary>
internal sealed class PlainByteFields(byte[] bytes, int start, int end) : PlainFields
{
    public PlainByteFields(byte[] bytes) : this(bytes, 0, bytes.Length) { }

    public int Position { get; private set; } = start;

    public override int Left => end - Position;

    public byte[] Take(int count)
    {
        Position += count;
        return bytes[(Position - count)..Position];
    }

    protected override byte Next() => bytes[Position++];
}

/// <summary>Bits of bytes, lowest first.</summary>
internal sealed class PlainBits(byte[] bytes, int start = 0)
{
    private long position = 8L * start;

    public int Next(int count)
    {
        PlainFields.Check(position + count <= 8L * bytes.Length, "bits: the bytes end");
        int value = 0;
        for (int i = 0; i < count; i++, position++) value |= ((bytes[position / 8] >> (int)(position % 8)) & 1) << i;
        return value;
    }

    /// <summary>The byte that follows zeros up to a whole one.</summary>
    public int EndOfByte()
    {
        while (position % 8 != 0) PlainFields.Check(Next(1) == 0, "bits: not zero behind the last one");
        return (int)(position / 8);
    }

    /// <summary>All bits of bytes as n numbers, and zeros up to a whole byte.</summary>
    public static int[] All(byte[] bytes, long n, int width)
    {
        var bits = new PlainBits(bytes);
        int[] numbers = new int[n];
        for (long i = 0; i < n; i++) numbers[i] = bits.Next(width);
        bits.End();
        return numbers;
    }

    public void End() => PlainFields.Check(EndOfByte() == bytes.Length, "bits: bytes after the last one");
}

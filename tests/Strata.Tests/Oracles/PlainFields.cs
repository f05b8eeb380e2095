using System.Runtime.CompilerServices;
using System.Text;

namespace Strata.Tests.Oracles;

/// <summary>Reads the fields of headers ("Conventions") one byte after the other, from bytes that are there or that are decoded as they are asked for.</summary>
internal abstract class PlainFields
{
    /// <summary>The bytes of the section that have not been read.</summary>
    public abstract int Left { get; }

    /// <summary>Items of all lists so far, factors included.</summary>
    public long Items { get; private set; }

    protected abstract void Begin(string name, bool isText);

    protected abstract byte Next();

    protected abstract void End();

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
        for (int i = 0; ; i++)
        {
            Check(Left > 0, $"{name}: the section ends");
            byte b = Next();
            value |= (ulong)(b & 127) << (7 * i);
            if (b < 128)
            {
                Check(b != 0 || i == 0, $"{name}: not in the shortest form");
                break;
            }
            Check(i < 8, $"{name}: more than nine bytes");
        }
        Check(value <= (ulong)max, $"{name} = {value}, at most {max} is allowed");
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
            Check(high != 0, $"{name}: the high half is 0");
            z |= (ulong)high << 32;
        }
        return (long)(z >> 1) ^ -(long)(z & 1);
    }

    public uint Fixed32(string name)
    {
        Begin(name, isText: false);
        Check(Left >= 4, $"{name}: the section ends");
        uint value = 0;
        for (int i = 0; i < 4; i++) value |= (uint)Next() << (8 * i);
        End();
        return value;
    }

    public byte[] Bytes(string name, long max, bool isText = false)
    {
        Begin(name, isText);
        long count = Number(max, name);
        Check(count <= Left, $"{name}: {count} bytes, {Left} are left");
        byte[] bytes = new byte[count];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = Next();
        End();
        return bytes;
    }

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Text(string name, long max) => Decode(Bytes(name, max, isText: true), name);

    public static string Decode(ReadOnlySpan<byte> bytes, string name)
    {
        try
        {
            return s_utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            Check(false, $"{name}: not well-formed UTF-8");
            return Encoding.UTF8.GetString(bytes);
        }
    }

    public string Name(string name) => Text(name, 4096);

    public int List(string name, long max = 1 << 20)
    {
        long count = Unsigned(name, max);
        Check(count <= Left, $"{name}: {count} items, {Left} bytes are left");
        Count(count, name);
        return (int)count;
    }

    /// <summary>Counts items that must obey the bound of coded headers.</summary>
    public void Count(long items, string name)
    {
        Items += items;
        Check(Items <= MostItems, $"{name}: more items than the section may have");
    }

    protected virtual long MostItems => long.MaxValue;

    /// <summary>A rule of the document.</summary>
    public static void Check(bool holds, string otherwise)
    {
        if (!holds && !PlantedBug.Drops(otherwise)) throw new PlainFormatException(otherwise);
    }

    /// <inheritdoc cref="Check(bool, string)"/>
    public static void Check(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] PlainMessage otherwise)
    {
        if (!holds) Check(false, otherwise.ToString());
    }
}

/// <summary>A message that is put together only where a rule is broken.</summary>
[InterpolatedStringHandler]
internal readonly struct PlainMessage
{
    private readonly StringBuilder? text;

    public PlainMessage(int literals, int holes, bool holds, out bool isNeeded) => text = (isNeeded = !holds) ? new(literals + 8 * holes) : null;

    public void AppendLiteral(string literal) => text!.Append(literal);

    public void AppendFormatted<T>(T value) => text!.Append(value);

    public override string ToString() => text!.ToString();
}

/// <summary>Fields that stand in the file as they are.</summary>
internal sealed class PlainByteFields(byte[] bytes, int start, int end) : PlainFields
{
    public int Position { get; private set; } = start;

    public override int Left => end - Position;

    public byte[] Take(int count)
    {
        Position += count;
        return bytes[(Position - count)..Position];
    }

    protected override void Begin(string name, bool isText) { }

    protected override byte Next() => bytes[Position++];

    protected override void End() { }
}

namespace Strata.Bitstream.Syntax;

/// <summary>
/// The primitive fields of headers. A layout is written once as calls on this class; a writer emits the values, a reader
/// replaces them by what it reads, a tracer also prints them. Every field has a name and a bound.
/// </summary>
internal abstract class FieldSyntax
{
    /// <summary>True when fields are being read.</summary>
    public abstract bool IsReading { get; }

    /// <summary>An integer in [0, max]: LEB128, least significant group first, shortest form.</summary>
    public abstract void Unsigned(string name, ref long value, long max);

    /// <summary>A 32-bit pattern, little-endian.</summary>
    public abstract void Fixed32(string name, ref uint value);

    /// <summary>UTF-8 text: its length in bytes, then the bytes.</summary>
    public abstract void Text(string name, ref string value, int maxBytes = Limits.NameBytes);

    /// <summary>Bytes: their number, then they themselves.</summary>
    public abstract void Bytes(string name, ref ReadOnlyMemory<byte> value, int maxBytes);

    /// <summary>The number of items that follow, each of at least one byte, so that a reader can bound it by what is left.</summary>
    public abstract void Count(string name, ref int value, int max);

    /// <summary>A truth value: one byte, 0 or 1.</summary>
    public void Flag(string name, ref bool value)
    {
        long number = value ? 1 : 0;
        Unsigned(name, ref number, 1);
        value = number != 0;
    }

    /// <summary>An integer of either sign: zigzag (0, −1, 1, −2, … become 0, 1, 2, 3, …), as two parts where 63 bits do not suffice.</summary>
    public void Signed(string name, ref long value)
    {
        ulong zigzag = (ulong)(value << 1) ^ (ulong)(value >> 63);
        long low = (long)(zigzag & uint.MaxValue), high = (long)(zigzag >> 32);
        // Most values fit the low part: bit 0 of the first field says whether a high part follows.
        long first = low << 1 | (high != 0 ? 1L : 0L);
        Unsigned(name, ref first, (1L << 33) - 1);
        if ((first & 1) != 0)
        {
            Unsigned(name, ref high, uint.MaxValue);
            if (high == 0) throw new StrataFormatException($"field '{name}' is not in its shortest form");
        }
        else high = 0;
        zigzag = (ulong)(first >> 1) | (ulong)high << 32;
        value = (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
    }

    /// <summary>A binary32 number as its bits.</summary>
    public void Single(string name, ref float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        Fixed32(name, ref bits);
        value = BitConverter.UInt32BitsToSingle(bits);
    }

    /// <summary>An integer in [0, max] held in 32 bits.</summary>
    public void Int(string name, ref int value, int max)
    {
        long wide = value;
        Unsigned(name, ref wide, max);
        value = (int)wide;
    }

    /// <summary>A list: its length, then each item.</summary>
    public void List<T>(string name, ref List<T> items, int max, Func<T, T> item)
    {
        int count = items.Count;
        Count(name, ref count, max);
        if (IsReading)
        {
            items = new List<T>(Math.Min(count, 1024));
            for (int i = 0; i < count; i++) items.Add(item(default!));
        }
        else
        {
            foreach (var known in items) item(known);
        }
    }
}

namespace Strata.Compiler.Frontend.Onnx.Wire;

/// <summary>Finds the fields of serialised messages (https://protobuf.dev/programming-guides/encoding) and skips what they contain.</summary>
internal sealed class WireScanner(IByteSource source)
{
    private readonly byte[] window = new byte[(int)Math.Min(source.Length, 64 << 10)];
    private long windowStart;
    private int windowLength;

    /// <summary>The fields of a message in their order.</summary>
    /// <exception cref="StrataFormatException">The bytes are not a message.</exception>
    public List<WireField> Fields(long start, long end)
    {
        var fields = new List<WireField>();
        for (long at = start; at < end;)
        {
            var field = Next(at, end);
            if (field.Type == WireType.EndGroup) throw Malformed(at, "a group ends that has not begun");
            if (field.Type == WireType.StartGroup) field = field with { End = EndOfGroup(field.End, end) };
            fields.Add(field);
            at = field.End;
        }
        return fields;
    }

    private WireField Next(long start, long end)
    {
        long at = start;
        ulong tag = Varint(ref at, end);
        if (tag is < 8 or > uint.MaxValue) throw Malformed(start, $"{tag} is no tag of a field");
        var type = (WireType)(tag & 7);
        long content = at, length = 0;
        switch (type)
        {
            case WireType.Varint: Varint(ref at, end); break;
            case WireType.Fixed64: length = 8; break;
            case WireType.Fixed32: length = 4; break;
            case WireType.StartGroup or WireType.EndGroup: break;
            case WireType.LengthDelimited:
                ulong given = Varint(ref at, end);
                length = given <= long.MaxValue ? (long)given : long.MaxValue;
                content = at;
                break;
            default: throw Malformed(start, $"there are no fields of wire type {(int)type}");
        }
        return length <= end - at
            ? new((int)(tag >> 3), type, start, content, at + length)
            : throw Malformed(start, $"field {tag >> 3} has {length} bytes where {end - at} are left");
    }

    // Whether numbers of begin and end agree is for the parser to say, which reads all groups.
    private long EndOfGroup(long at, long end)
    {
        for (int open = 1; open > 0;)
        {
            var field = Next(at, end);
            open += field.Type switch { WireType.StartGroup => 1, WireType.EndGroup => -1, _ => 0 };
            at = field.End;
        }
        return at;
    }

    private ulong Varint(ref long at, long end)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (at >= end) throw Malformed(at, "it ends within a number");
            byte next = At(at++);
            value |= (ulong)(next & 127) << shift;
            if (next < 128) return value;
        }
        throw Malformed(at, "a number has more than 10 bytes");
    }

    private byte At(long position)
    {
        if (position < windowStart || position >= windowStart + windowLength)
        {
            (windowStart, windowLength) = (position, (int)Math.Min(window.Length, source.Length - position));
            source.Read(position, window.AsSpan(0, windowLength));
        }
        return window[position - windowStart];
    }

    private static StrataFormatException Malformed(long position, string what) => new($"at byte {position}: {what}");
}

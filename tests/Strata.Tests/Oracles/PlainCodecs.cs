using System.Buffers.Binary;

namespace Strata.Tests.Oracles;

/// <summary>The codecs of constants.</summary>
internal static class PlainCodecs
{
    /// <summary>Fills in a constant's bytes or strings from its payload.</summary>
    public static void Decode(PlainConstant constant, byte[] payload, PlainTables tables)
    {
        var element = tables.Elements[constant.Type.Element];
        switch (constant.Codec)
        {
            case 0: constant.Bytes = Raw(constant, payload, element); break;
            case 1: constant.Strings = Text(constant, payload); break;
            case 2: constant.Bytes = Planes(constant, payload, element); break;
            case 3: constant.Bytes = PlainFloats.Elements(payload, element.Bits, element.Number switch { 1 => 23, 10 => 10, _ => 7 }, Dims(constant), constant.Count); break;
            case 4: constant.Bytes = Symbols(Array.ConvertAll(PlainClasses.Symbols(new(payload, 0, payload.Length), 1 << element.Bits, Dims(constant), constant.Count), s => (int)s), element); break;
            case 5: constant.Bytes = Codes(PlainSmallCodecs.TernaryFlags(payload, constant.Count), element.Bits); break;
            case 6: constant.Bytes = PlainSmallCodecs.Bitmap(payload, constant.Count, Dims(constant), element.Bits / 8, (codec, part, count) => Decode(codec, element.Number, (int)count, part, tables).Bytes!); break;
            case 7: constant.Bytes = Scales(constant, payload, element); break;
            case 9: constant.Bytes = Codes(PlainSmallCodecs.TernaryBase(payload, constant.Count), element.Bits); break;
            case 10: constant.Bytes = Symbols(PlainSmallCodecs.Packed(payload, constant.Count, element.Bits), element); break;
            default: throw new PlainFormatException($"codec {constant.Codec}");
        }
    }

    /// <summary>A constant of its own.</summary>
    public static PlainConstant Decode(int codec, int element, int count, byte[] payload, PlainTables tables, params int[] dims)
    {
        if (dims.Length == 0) dims = [count];
        var constant = new PlainConstant { Type = new(element, [.. dims.Select(d => new PlainDim([new(d, [])]))], null), Count = count, Codec = codec, Length = payload.Length };
        Check(constant, tables);
        Decode(constant, payload, tables);
        return constant;
    }

    /// <summary>Whether a codec takes the elements, in a payload of the given length.</summary>
    public static void Check(PlainConstant constant, PlainTables tables)
    {
        int element = constant.Type.Element, bits = tables.Elements[element].Bits;
        long raw = RawBytes(constant, tables);
        PlainFields.Check(constant.Codec switch { 0 => element != 8, 1 => element == 8, 2 => element is not (8 or 64), 3 or 7 => element is 1 or 10 or 16 && constant.Count > 0, 4 or 10 => bits is > 0 and <= 8 && constant.Count > 0,
            5 or 9 => element is 3 or 22 or 26, 6 => bits > 0 && bits % 8 == 0 && constant.Count > 0, _ => false } && tables.Codecs.Contains(constant.Codec), $"codec {constant.Codec} for {tables.Elements[element].Name}");
        PlainFields.Check(constant.Codec switch { 0 => constant.Length == raw, 2 => constant.Length <= raw, _ => true }, $"a payload of {constant.Length} bytes for {raw} raw ones");
    }

    public static long RawBytes(PlainConstant constant, PlainTables tables) => (constant.Count * tables.Elements[constant.Type.Element].Bits + 7) / 8;

    // Unused bits of the last byte are ignored.
    private static byte[] Raw(PlainConstant constant, byte[] payload, PlainTables.Element element)
    {
        byte[] bytes = (byte[])payload.Clone();
        int used = (int)(constant.Count * element.Bits % 8);
        if (used != 0 && PlantedBug.In("unused bits") == 0) bytes[^1] &= (byte)((1 << used) - 1);
        return bytes;
    }

    private static string[] Text(PlainConstant constant, byte[] payload)
    {
        var fields = new PlainByteFields(payload, 0, payload.Length);
        PlainFields.Check(constant.Count <= payload.Length, "text: fewer bytes than strings");
        string[] strings = new string[constant.Count];
        for (int i = 0; i < strings.Length; i++) strings[i] = fields.Text("string", int.MaxValue);
        PlainFields.Check(fields.Left == 0, "text: bytes after the last string");
        return strings;
    }

    private static byte[] Planes(PlainConstant constant, byte[] payload, PlainTables.Element element)
    {
        bool packed = element.Bits < 8, complex = element.Kind == "complex";
        int width = packed ? 1 : element.Bits / 8 / (complex ? 2 : 1);
        bool rotated = width > 1 + 3 * PlantedBug.In("rotate") && element.Kind is "float" or "complex";
        long words = constant.Count * (complex ? 2 : 1);
        byte[] result = new byte[(constant.Count * element.Bits + 7) / 8];
        var fields = new PlainByteFields(payload, 0, payload.Length);
        for (long start = 0; start < words; start += 1 << 18)
        {
            int count = (int)Math.Min(words - start, 1 << 18);
            uint length = fields.Fixed32("tile");
            PlainFields.Check(length <= fields.Left, "planes: a tile ends behind the payload");
            int end = fields.Left - (int)length;
            byte[][] planes = new byte[width][];
            for (int plane = 0; plane < width; plane++) planes[plane] = Plane(fields, end, count);
            PlainFields.Check(fields.Left == end, "planes: bytes after the last plane of a tile");
            for (int i = 0; i < count; i++)
            {
                ulong word = 0;
                for (int plane = 0; plane < width; plane++) word = (word << 8) | planes[plane][i];
                int bits = 8 * width;
                if (rotated) word = (word >> 1) | ((word & 1) << (bits - 1));
                long at = start + i;
                if (packed)
                {
                    Put(result, at, element.Bits, (int)(word & ((1u << element.Bits) - 1)));
                }
                else
                {
                    for (int b = 0; b < width; b++) result[at * width + b] = (byte)(word >> (8 * b));
                }
            }
        }
        PlainFields.Check(fields.Left == 0, "planes: bytes after the last tile");
        return result;
    }

    // Symbols are codes in the order of the elements: those of signed integers have their highest bit inverted.
    private static byte[] Symbols(int[] symbols, PlainTables.Element element) =>
        Codes(element.Kind == "signed" ? Array.ConvertAll(symbols, s => s ^ 1 << (element.Bits - 1)) : symbols, element.Bits);

    private static byte[] Codes(int[] codes, int bits)
    {
        byte[] result = new byte[((long)codes.Length * bits + 7) / 8];
        for (int i = 0; i < codes.Length; i++) Put(result, i, bits, codes[i] & ((1 << bits) - 1));
        return result;
    }

    private static byte[] Scales(PlainConstant constant, byte[] payload, PlainTables.Element element)
    {
        int shift = element.Number switch { 1 => 20, 10 => 7, _ => 4 }, width = element.Bits / 8;
        int[] codes = PlainSmallCodecs.Scales(payload, constant.Count, Dims(constant), 1 << (element.Bits - shift));
        byte[] result = new byte[constant.Count * width];
        for (int i = 0; i < codes.Length; i++)
        {
            for (int b = 0; b < width; b++) result[i * width + b] = (byte)((uint)codes[i] << shift >> (8 * b));
        }
        return result;
    }

    private static long[] Dims(PlainConstant constant) => [.. constant.Type.Dims!.Select(d => (long)d.Constant!.Value)];

    private static void Put(byte[] bytes, long index, int bits, int code) => bytes[index * bits / 8] |= (byte)(code << (int)(index * bits % 8));

    // What is left after the tile may not be read: `end` bytes stay.
    private static byte[] Plane(PlainByteFields fields, int end, int count)
    {
        long mode = fields.Unsigned("mode", 2);
        int lanes = 0;
        int[]? shares = null;
        if (mode == 2)
        {
            lanes = 1 << (int)fields.Unsigned("lanes", 5);
            shares = Shares(fields);
        }
        byte[] bytes = fields.Bytes("plane", count);
        PlainFields.Check(fields.Left >= end, "planes: a plane ends behind its tile");
        switch (mode)
        {
            case 0:
                PlainFields.Check(bytes.Length == count, "planes: a plain plane of another length");
                return bytes;
            case 1:
                PlainFields.Check(bytes.Length == 1, "planes: a constant plane of another length");
                byte[] constant = new byte[count];
                Array.Fill(constant, bytes[0]);
                return constant;
            default: return Stream(bytes, lanes, shares!, count);
        }
    }

    public static int[] Shares(PlainByteFields fields)
    {
        int[] shares = new int[256];
        int sum = 0;
        for (int symbol = 0; sum < 4096; symbol++)
        {
            PlainFields.Check(symbol < 256, "planes: the shares do not sum to 4096");
            shares[symbol] = (int)fields.Unsigned("share", 4096 - sum + PlantedBug.In("share"));
            sum += shares[symbol];
            if (shares[symbol] == 0) symbol += (int)fields.Unsigned("zeros", 255 - symbol);
        }
        return shares;
    }

    public static byte[] Stream(byte[] stream, int lanes, int[] shares, int count)
    {
        int[] starts = new int[256];
        for (int s = 1; s < 256; s++) starts[s] = starts[s - 1] + shares[s - 1];
        byte[] symbols = new byte[4096];
        for (int s = 0; s < 256; s++) Array.Fill(symbols, (byte)s, starts[s], shares[s]);
        PlainFields.Check(stream.Length >= 4 * lanes, "stream: fewer bytes than states");
        uint[] states = new uint[lanes];
        for (int lane = 0; lane < lanes; lane++) states[lane] = BinaryPrimitives.ReadUInt32LittleEndian(stream.AsSpan(4 * lane));
        int read = 4 * lanes;
        byte[] result = new byte[count];
        for (int i = 0; i < count; i++)
        {
            uint x = states[i % lanes], r = x % 4096;
            byte s = result[i] = symbols[r];
            x = unchecked((uint)shares[s] * (x / 4096) + r - (uint)starts[s]);
            if (x < (1 << 16) + PlantedBug.In("renormalise"))
            {
                PlainFields.Check(read + 2 <= stream.Length, "stream: ends");
                x = (x << 16) + BinaryPrimitives.ReadUInt16LittleEndian(stream.AsSpan(read));
                read += 2;
            }
            states[i % lanes] = x;
        }
        PlainFields.Check(read == stream.Length && states.All(x => x == 1 << 16), "stream: goes on or ends in another state");
        return result;
    }
}

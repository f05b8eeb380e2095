namespace Strata.Tests.Oracles;

/// <summary>The codecs of constants; those that pack small numbers stand in <see cref="PlainSmallCodecs"/>.</summary>
internal static class PlainCodecs
{
    private const int PlaneTile = 1 << 18;

    /// <summary>Fills in a constant's bytes or strings from its payload.</summary>
    public static void Decode(PlainConstant constant, byte[] payload, PlainTables tables)
    {
        var element = tables.Elements[constant.Type.Element];
        var (n, bits, fields) = (constant.Count, element.Bits, new PlainByteFields(payload));
        long[] dims = [.. constant.Type.Dims!.Select(d => (long)d.Constant!.Value)];
        constant.Strings = constant.Codec == 1 ? Text(fields, n) : null;
        constant.Bytes = constant.Codec switch
        {
            0 => Raw(payload, n, bits),
            2 => Planes(fields, n, element),
            3 => Pack(PlainFloats.Words(payload, bits, element.Number switch { 1 => 23, 10 => 10, _ => 7 }, dims, n), bits),
            4 => Codes([.. PlainClasses.Symbols(fields, 1 << bits, dims, n)], element),
            5 => Pack(PlainSmallCodecs.TernaryFlags(payload, n), bits),
            6 => PlainSmallCodecs.Bitmap(fields, n, dims, bits / 8, (codec, rest, count) => Decode(codec, element.Number, count, rest, tables).Bytes!),
            7 => Pack(PlainSmallCodecs.Scales(fields, n, dims, bits, element.Number switch { 1 => 20, 10 => 7, _ => 4 }), bits),
            9 => Pack(PlainSmallCodecs.TernaryBase(payload, n), bits),
            10 => Codes(PlainSmallCodecs.Packed(fields, n, bits), element),
            _ => null,
        };
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
        var element = tables.Elements[constant.Type.Element];
        long raw = RawBytes(constant, tables);
        bool takes = constant.Codec switch
        {
            0 => element.Number != 8,
            1 => element.Number == 8,
            2 => element.Number is not (8 or 64),
            3 or 7 => element.Number is 1 or 10 or 16 && constant.Count > 0,
            4 or 10 => element.Bits is > 0 and <= 8 && constant.Count > 0,
            5 or 9 => element.Number is 3 or 22 or 26,
            6 => element.Bits > 0 && element.Bits % 8 == 0 && constant.Count > 0,
            _ => false,
        };
        PlainFields.Check(takes && tables.Codecs.Contains(constant.Codec), "a codec that does not take the elements", constant.Codec);
        PlainFields.Check(constant.Codec switch { 0 => constant.Length == raw, 2 => constant.Length <= raw, _ => true }, "a payload of another length than raw ones", constant.Codec);
    }

    public static long RawBytes(PlainConstant constant, PlainTables tables) => (constant.Count * tables.Elements[constant.Type.Element].Bits + 7) / 8;

    // Unused bits of the last byte are ignored.
    private static byte[] Raw(byte[] payload, long n, int bits)
    {
        byte[] bytes = [.. payload];
        int used = (int)(n * bits % 8);
        if (used != 0 && PlantedBug.In("unused bits") == 0) bytes[^1] &= (byte)((1 << used) - 1);
        return bytes;
    }

    private static string[] Text(PlainByteFields fields, long n)
    {
        PlainFields.Check(n <= fields.Left, "text: fewer bytes than strings");
        string[] strings = new string[n];
        for (int i = 0; i < n; i++) strings[i] = fields.Text("string", int.MaxValue >> 23 * PlantedBug.In("string"));
        PlainFields.Check(fields.Left == 0, "text: bytes after the last string");
        return strings;
    }

    // Symbols are codes in the order of the elements: those of signed integers have their highest bit inverted.
    private static byte[] Codes(long[] symbols, PlainTables.Element element) =>
        Pack(element.Kind == "signed" ? Array.ConvertAll(symbols, s => s ^ 1L << (element.Bits - 1)) : symbols, element.Bits);

    /// <summary>Words of 2, 4 or whole bytes of bits as <i>raw</i> has them; higher bits than those are ignored.</summary>
    private static byte[] Pack(long[] words, int bits)
    {
        byte[] result = new byte[(words.LongLength * bits + 7) / 8];
        for (long i = 0; i < words.Length; i++)
        {
            ulong word = (ulong)words[i] << (64 - bits) >> (64 - bits);
            for (int b = 0; b < bits; b += 8) result[(i * bits + b) / 8] |= (byte)(word >> b << (int)(i * bits % 8));
        }
        return result;
    }

    private static byte[] Planes(PlainByteFields fields, long n, PlainTables.Element element)
    {
        int parts = element.Kind == "complex" ? 2 : 1, bits = element.Bits / parts, width = Math.Max(1, bits / 8);
        bool isRotated = width > 1 + 3 * PlantedBug.In("rotate") && element.Kind is "float" or "complex";
        long[] words = new long[n * parts];
        for (int start = 0; start < words.Length; start += PlaneTile)
        {
            int count = Math.Min(words.Length - start, PlaneTile);
            uint length = fields.Fixed32("tile");
            PlainFields.Check(length <= fields.Left, "planes: a tile ends behind the payload");
            var tile = new PlainByteFields(fields.Take((int)length));
            for (int plane = 0; plane < width; plane++)
            {
                byte[] symbols = Plane(tile, count);
                for (int i = 0; i < count; i++) words[start + i] = words[start + i] << 8 | symbols[i];
            }
            PlainFields.Check(tile.Left == 0, "planes: bytes after the last plane of a tile");
        }
        PlainFields.Check(fields.Left == 0, "planes: bytes after the last tile");
        if (isRotated) words = Array.ConvertAll(words, word => word >>> 1 | word << (bits - 1));
        return Pack(words, bits);
    }

    private static byte[] Plane(PlainByteFields fields, int count)
    {
        long mode = fields.Unsigned("mode", 2), lanesLog2 = mode == 2 ? fields.Unsigned("lanes", 5) : 0;
        int[] shares = mode == 2 ? Shares(fields) : [];
        byte[] bytes = fields.Bytes("plane", count);
        if (mode == 2) return Stream(bytes, 1 << (int)lanesLog2, shares, count);
        PlainFields.Check(bytes.Length == (mode == 0 ? count : 1), mode == 0 ? "planes: a plain plane of another length" : "planes: a constant plane of another length");
        return mode == 0 ? bytes : [.. Enumerable.Repeat(bytes[0], count)];
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
        var words = new PlainWords(stream);
        var table = new PlainShares(shares);
        uint[] states = new uint[lanes];
        for (int lane = 0; lane < lanes; lane++) states[lane] = words.State();
        byte[] result = new byte[count];
        for (int i = 0; i < count; i++) result[i] = words.Symbol(ref states[i % lanes], table);
        PlainFields.Check(words.AreOver && states.All(x => x == 1 << 16), "stream: goes on or ends in another state");
        return result;
    }
}

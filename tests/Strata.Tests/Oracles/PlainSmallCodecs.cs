namespace Strata.Tests.Oracles;

/// <summary>"Ternary", "Packed", "Bitmap" and "Scales"; each gives the codes of the elements in order, but for bitmaps, which give bytes.</summary>
internal static class PlainSmallCodecs
{
    public static long[] TernaryFlags(byte[] payload, long n)
    {
        bool[] isSet = new bool[(n + 1) / 2];
        var flags = new PlainBits(payload);
        for (int p = 0; p < isSet.Length; p++) isSet[p] = flags.Next(1) == 1;
        var digits = new PlainBits(payload, flags.EndOfByte());
        int[] all = new int[2 * isSet.Length];
        for (int p = 0; p < isSet.Length; p++)
        {
            if (isSet[p]) (all[2 * p], all[2 * p + 1]) = Math.DivRem(digits.Next(3) + 1, 3 + PlantedBug.In("pair"));
        }
        digits.End();
        return Trits(all, n);
    }

    public static long[] TernaryBase(byte[] payload, long n)
    {
        PlainFields.Check(payload.Length == (n + 4) / 5, "ternary: a payload of another length");
        PlainFields.Check(payload.All(b => b <= 242), "ternary: a byte above 242");
        int[] powers = [1, 3, 9, 27, 81 - PlantedBug.In("power")];
        return Trits([.. payload.SelectMany(b => powers.Select(power => b / power % 3))], n);
    }

    private static long[] Trits(int[] digits, long n)
    {
        PlainFields.Check(digits.Skip((int)n).All(d => d == 0), "ternary: digits behind the last element");
        return [.. digits.Take((int)n).Select(d => d == 2 ? -1L : d)];
    }

    public static long[] Packed(PlainByteFields fields, long n, int bits)
    {
        int width = (int)fields.Unsigned("width", 8), least = (int)fields.Unsigned("least", 255 - PlantedBug.In("least"));
        long[] symbols = Array.ConvertAll(PlainBits.All(fields.Take(fields.Left), n, width), more => (long)least + more);
        PlainFields.Check(symbols.All(s => s < 1 << bits), "packed: a symbol beyond those of the type");
        return symbols;
    }

    /// <summary>The elements with a 1 are decoded by the function given.</summary>
    public static byte[] Bitmap(PlainByteFields fields, long n, long[] dims, int width, Func<int, byte[], int, byte[]> decode)
    {
        bool isCoded = fields.Flag("coded"), isPlanes = fields.Flag("planes");
        byte[] stored = fields.Bytes("map", 0x7FFFFFC7), map = isCoded ? PlainClasses.Symbols(new(stored), 2, PlantedBug.In("map") == 0 ? dims : [n], n) : Array.ConvertAll(PlainBits.All(stored, n, 1), bit => (byte)bit);
        byte[] elements = decode(isPlanes ? 2 : 0, fields.Take(fields.Left), map.Count(m => m == 1)), result = new byte[n * width];
        for (int i = 0, at = 0; i < n; i++)
        {
            if (map[i] == 1) elements.AsSpan(width * at++, width).CopyTo(result.AsSpan(i * width));
        }
        return result;
    }

    /// <summary>Bits of the elements, of which a code stands for all but the lowest.</summary>
    public static long[] Scales(PlainByteFields fields, long n, long[] dims, int bits, int lowest)
    {
        long expectation = fields.Unsigned("expected", 2), start = fields.Unsigned("base", 4095 - PlantedBug.In("base"));
        byte[] symbols = PlainClasses.Symbols(fields, 256, dims, n);
        long row = n / dims.SkipWhile(d => d == 1).FirstOrDefault(1);
        long[] codes = new long[n];
        for (int i = 0; i < n; i++)
        {
            long expected = expectation == 1 && i % (row << PlantedBug.In("first of a row")) != 0 ? codes[i - 1] : expectation == 2 && i >= row + PlantedBug.In("row before") ? codes[i - row] : start;
            codes[i] = expected + symbols[i] - 128;
            PlainFields.Check(codes[i] >= 0 && codes[i] < 1 << (bits - lowest), "scales: a code beyond those of the type");
        }
        return Array.ConvertAll(codes, c => c << lowest);
    }
}

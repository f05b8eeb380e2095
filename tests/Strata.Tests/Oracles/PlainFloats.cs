namespace Strata.Tests.Oracles;

/// <summary>"Floats": symbols of exponents, or numbers of a palette, and packed rests.</summary>
internal static class PlainFloats
{
    /// <summary>The n words of W bits, M of them mantissa.</summary>
    public static long[] Words(byte[] payload, int w, int m, long[] dims, long n)
    {
        PlainFields.Check(payload.Length >= 5, "floats: a payload that is too short");
        var fields = new PlainByteFields(payload);
        var integers = new PlainIntegers(fields.Bytes("description", 0x7FFFFFC7));
        bool isPalette = integers.Integer(0, 1) == 1;
        int signs = integers.Integer(1, 1), l = 0, t = 0, b = 0;
        if (!isPalette)
        {
            l = integers.Integer(2, 3);
            t = integers.Integer(3, m - l);
        }
        int count = 1 + integers.Integer(isPalette ? 2 : 4, isPalette ? 65535 : 255);
        long[] values = Ascending(integers, count, isPalette ? Math.Min((1L << (w - 1)) - 1, int.MaxValue - 1) : (1L << (w - 1 - m + l)) - 1);
        integers.Finish();
        if (!isPalette) b = m - l - t;
        else while (1L << b < count) b++;
        byte[] symbols = isPalette ? [] : PlainClasses.Symbols(new(fields.Bytes("symbols", 0x7FFFFFC7)), count, dims, n);
        PlainFields.Check(fields.Left == (n * (b + signs) + 7) / 8, "floats: rests of another length");
        var rests = new PlainBits(fields.Take(fields.Left));
        long[] words = new long[n];
        for (long i = 0; i < n; i++)
        {
            long low = rests.Next(b), sign = (long)rests.Next(signs) << (w - 1 - PlantedBug.In("sign"));
            PlainFields.Check(!isPalette || low < count, "floats: a number that the palette does not have");
            words[i] = sign + (isPalette ? values[low] : (values[symbols[i]] << (m - l + PlantedBug.In("exponent"))) + (low << (t + PlantedBug.In("mantissa"))));
        }
        return words;
    }

    private static long[] Ascending(PlainIntegers integers, int count, long highest)
    {
        long[] values = new long[count];
        for (int k = 0; k < count; k++)
        {
            values[k] = k == 0 ? integers.Integer(5, int.MaxValue) : values[k - 1] + 1 + integers.Integer(6 - PlantedBug.In("ascending"), int.MaxValue);
            PlainFields.Check(values[k] <= highest, "floats: a code or a magnitude that is too large");
        }
        return values;
    }
}

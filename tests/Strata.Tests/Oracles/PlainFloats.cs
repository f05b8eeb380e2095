namespace Strata.Tests.Oracles;

/// <summary>"Floats": symbols of exponents, or numbers of a palette, and packed rests.</summary>
internal static class PlainFloats
{
    /// <summary>The bytes of n elements of W bits, M of them mantissa.</summary>
    public static byte[] Elements(byte[] payload, int w, int m, long[] dims, long n)
    {
        PlainFields.Check(n > 0 && payload.Length >= 5, "floats: no element, or a payload that is too short");
        var fields = new PlainByteFields(payload, 0, payload.Length);
        var integers = new PlainIntegers(fields.Bytes("description", 0x7FFFFFC7));
        int kind = integers.Integer(0, 1), signs = integers.Integer(1, 1), l = 0, t = 0, b;
        long[] values;
        byte[] symbols = [];
        if (kind == 0)
        {
            l = integers.Integer(2, 3);
            t = integers.Integer(3, m - l);
            values = Ascending(integers, 255, (1L << (w - 1 - m + l)) - 1);
            b = m - l - t;
        }
        else
        {
            values = Ascending(integers, 65535, Math.Min((1L << (w - 1)) - 1, int.MaxValue - 1));
            for (b = 0; 1L << b < values.Length;) b++;
        }
        integers.Finish();
        if (kind == 0)
        {
            byte[] part = fields.Bytes("symbols", 0x7FFFFFC7);
            PlainFields.Check(fields.Left == (n * (b + signs) + 7) / 8, "floats: rests of another length");
            symbols = PlainClasses.Symbols(new(part, 0, part.Length), values.Length, dims, n);
        }
        else PlainFields.Check(fields.Left == (n * (b + signs) + 7) / 8, "floats: rests of another length");
        byte[] rests = fields.Take(fields.Left), result = new byte[n * (w / 8)];
        long bit = 0;
        for (long i = 0; i < n; i++)
        {
            long low = 0, sign = 0;
            for (int k = 0; k < b + signs; k++, bit++)
            {
                long v = rests[bit / 8] >> (int)(bit % 8) & 1;
                if (k < b) low |= v << k;
                else sign = v;
            }
            PlainFields.Check(kind == 0 || low < values.Length, "floats: a number that the palette does not have");
            long word = (sign << (w - 1)) + (kind == 0 ? (values[symbols[i]] << (m - l)) + (low << t) : values[low]);
            for (int k = 0; k < w / 8; k++) result[i * (w / 8) + k] = (byte)(word >> (8 * k));
        }
        return result;
    }

    private static long[] Ascending(PlainIntegers integers, int most, long highest)
    {
        long[] values = new long[1 + integers.Integer(most == 255 ? 4 : 2, most)];
        for (int k = 0; k < values.Length; k++)
        {
            values[k] = k == 0 ? integers.Integer(5, int.MaxValue) : values[k - 1] + 1 + integers.Integer(6, int.MaxValue);
            PlainFields.Check(values[k] <= highest, "floats: a code or a magnitude that is too large");
        }
        return values;
    }
}

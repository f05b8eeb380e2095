namespace Strata.Tests.Oracles;

/// <summary>"Ternary", "Packed", "Bitmap" and "Scales"; each gives the codes or bits of the elements in order.</summary>
internal static class PlainSmallCodecs
{
    // Bits lowest first, and zeros up to a whole byte.
    private sealed class Bits(byte[] bytes, int at, int end)
    {
        private long position = 8L * at;

        public int Next(int count)
        {
            int value = 0;
            for (int i = 0; i < count; i++, position++)
            {
                PlainFields.Check(position < 8L * end, "bits: the payload ends");
                value |= ((bytes[position / 8] >> (int)(position % 8)) & 1) << i;
            }
            return value;
        }

        public int EndOfByte()
        {
            while (position % 8 != 0) PlainFields.Check(Next(1) == 0, "bits: not zero behind the last one");
            return (int)(position / 8);
        }

        public void End() => PlainFields.Check(EndOfByte() == end, "bits: bytes after the last one");
    }

    public static int[] TernaryFlags(byte[] payload, long n)
    {
        long pairs = (n + 1) / 2;
        PlainFields.Check(payload.Length >= (pairs + 7) / 8, "ternary: fewer bytes than flags");
        var flags = new Bits(payload, 0, payload.Length);
        bool[] isSet = new bool[pairs];
        for (int p = 0; p < pairs; p++) isSet[p] = flags.Next(1) == 1;
        var digits = new Bits(payload, flags.EndOfByte(), payload.Length);
        int[] codes = new int[2 * pairs];
        for (int p = 0; p < pairs; p++)
        {
            if (isSet[p]) (codes[2 * p], codes[2 * p + 1]) = Math.DivRem(digits.Next(3) + 1, 3);
        }
        digits.End();
        return Elements(codes, n);
    }

    public static int[] TernaryBase(byte[] payload, long n)
    {
        PlainFields.Check(payload.Length == (n + 4) / 5, "ternary: a payload of another length");
        PlainFields.Check(payload.All(b => b <= 242), "ternary: a byte above 242");
        int[] codes = new int[5 * payload.Length];
        for (int b = 0; b < payload.Length; b++)
        {
            for (int k = 0, rest = payload[b]; k < 5; k++, rest /= 3) codes[5 * b + k] = rest % 3;
        }
        return Elements(codes, n);
    }

    private static int[] Elements(int[] digits, long n)
    {
        PlainFields.Check(digits.Skip((int)n).All(d => d == 0), "ternary: digits behind the last element");
        return [.. digits.Take((int)n).Select(d => d == 2 ? -1 : d)];
    }

    public static int[] Packed(byte[] payload, long n, int bits)
    {
        var fields = new PlainByteFields(payload, 0, payload.Length);
        int width = (int)fields.Unsigned("width", 8), least = (int)fields.Unsigned("least", 255);
        PlainFields.Check(payload.Length - fields.Position == (n * width + 7) / 8, "packed: a payload of another length");
        var packed = new Bits(payload, fields.Position, payload.Length);
        int[] symbols = new int[n];
        for (int i = 0; i < n; i++)
        {
            symbols[i] = least + packed.Next(width);
            PlainFields.Check(symbols[i] < 1 << bits, "packed: a symbol beyond those of the type");
        }
        packed.End();
        return symbols;
    }

    /// <summary>Bytes of the elements; those with a 1 are decoded by the function given.</summary>
    public static byte[] Bitmap(byte[] payload, long n, long[] dims, int width, Func<int, byte[], long, byte[]> decode)
    {
        var fields = new PlainByteFields(payload, 0, payload.Length);
        bool isCoded = fields.Flag("coded"), isPlanes = fields.Flag("planes");
        byte[] stored = fields.Bytes("map", 0x7FFFFFC7), map = new byte[n];
        if (isCoded) map = PlainClasses.Symbols(new(stored, 0, stored.Length), 2, dims, n);
        else
        {
            PlainFields.Check(stored.Length == (n + 7) / 8, "bitmap: a map of another length");
            var bits = new Bits(stored, 0, stored.Length);
            for (int i = 0; i < n; i++) map[i] = (byte)bits.Next(1);
            bits.End();
        }
        byte[] elements = decode(isPlanes ? 2 : 0, fields.Take(fields.Left), map.Count(m => m == 1)), result = new byte[n * width];
        for (int i = 0, at = 0; i < n; i++)
        {
            if (map[i] == 0) continue;
            // Writers give zeros a 0; one with a 1 is read all the same.
            elements.AsSpan(at, width).CopyTo(result.AsSpan(i * width));
            at += width;
        }
        return result;
    }

    /// <summary>Codes of the elements, each less than a limit.</summary>
    public static int[] Scales(byte[] payload, long n, long[] dims, int limit)
    {
        var fields = new PlainByteFields(payload, 0, payload.Length);
        long expectation = fields.Unsigned("expected", 2), start = fields.Unsigned("base", 4095);
        byte[] symbols = PlainClasses.Symbols(fields, 256, dims, n);
        long row = n / dims.SkipWhile(d => d == 1).FirstOrDefault(1);
        int[] codes = new int[n];
        for (int i = 0; i < n; i++)
        {
            long expected = expectation == 1 && i % row != 0 ? codes[i - 1] : expectation == 2 && i >= row ? codes[i - row] : start;
            codes[i] = (int)expected + symbols[i] - 128;
            PlainFields.Check(codes[i] >= 0 && codes[i] < limit, "scales: a code beyond those of the type");
        }
        return codes;
    }
}

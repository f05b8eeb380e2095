namespace Strata.Tests.Oracles;

/// <summary>"Classes": symbols under tables that follow from their places.</summary>
internal static class PlainClasses
{
    private const int Tile = 1 << 22;

    /// <summary>Decodes what is left of the fields: n symbols of 0 … S − 1.</summary>
    public static byte[] Symbols(PlainByteFields fields, int s, long[] dims, long n)
    {
        PlainFields.Check(n > 0, "classes: no element");
        var integers = new PlainIntegers(fields.Bytes("description", 0x7FFFFFC7));
        var classOf = Levels(integers, dims, n, out int classes);
        var tables = Tables(integers, s, classes);
        var tiles = new List<(int Lanes, int Tail, int Length)>();
        for (long start = 0; start < n; start += Tile)
        {
            int lanes = new[] { 1, 8, 32 }[integers.Integer(64, 2)];
            int tail = lanes > 1 ? integers.Integer(65, Math.Min(n - start, Tile)) : 0;
            tiles.Add((lanes, tail, start + Tile < n ? integers.Integer(66, int.MaxValue) : -1));
        }
        integers.Finish();
        byte[] symbols = new byte[n];
        for (int t = 0; t < tiles.Count; t++)
        {
            var (lanes, tail, length) = tiles[t];
            int start = t * Tile, count = (int)Math.Min(n - start, Tile);
            PlainFields.Check(length <= fields.Left, "classes: a stream ends behind the payload");
            Stream(fields.Take(length < 0 ? fields.Left : length), lanes, tail, symbols.AsSpan(start, count), i => tables[classOf(start + i)]);
        }
        return symbols;
    }

    private static Func<long, int> Levels(PlainIntegers integers, long[] dims, long n, out int classes)
    {
        int view = integers.Integer(32, 3);
        long[] d = [.. dims.SkipWhile(x => x == 1)];
        if (d.Length == 0) d = [1];
        long row = n / d[0], block = 1;
        PlainFields.Check(view != 2 || d.Length > 1, "classes: a view of dimensions that are not there");
        if (view == 3) block = 1 + integers.Integer(33, row - 1);
        long blocks = (row + block - 1) / block, tap = view == 2 ? row / d[1] : 1;
        long[] extents = view switch { 0 => [], 1 => [d[0], row], 2 => [d[0], d[1], tap], _ => [d[0] * blocks, row] };
        int[][] levels = new int[extents.Length][];
        int most = 0;
        for (int axis = 0; axis < extents.Length; axis++)
        {
            levels[axis] = new int[extents[axis]];
            int m = integers.Integer(34, 31);
            if (m == 0) continue;
            int f = integers.Integer(35, 1), before = 0;
            for (int i = 0; i < extents[axis]; i++) before = levels[axis][i] = integers.Integer(f == 0 ? 40 : 41 + before, m);
            PlainFields.Check(levels[axis].Contains(m), "classes: the highest level does not occur");
            most += m;
        }
        int[] bySum = new int[most + 1];
        for (int sum = 1; sum <= most; sum++) bySum[sum] = bySum[sum - 1] + integers.Integer(36, 1);
        classes = bySum[most] + 1;
        PlainFields.Check(classes <= 16, "classes: too many");
        return view switch
        {
            0 => _ => 0,
            1 => i => bySum[levels[0][i / row] + levels[1][i % row]],
            2 => i => bySum[levels[0][i / row] + levels[1][i / tap % d[1]] + levels[2][i % tap]],
            _ => i => bySum[levels[0][i / row * blocks + i % row / block] + levels[1][i % row]],
        };
    }

    // Shares of each class, one for each symbol.
    private static int[][] Tables(PlainIntegers integers, int s, int classes)
    {
        int log2 = (int)Math.Log2(s);
        int[] curve = [4, 8 * log2 - 20, s / 2, s / 2 - 1, 0, 0, 0], grid = [s / 2, 1, s - 1, 3];
        int[][] tables = new int[classes][];
        for (int k = 0; k < classes; k++)
        {
            if (integers.Integer(0, 1) == 1)
            {
                int[] least = [0, -16, 0, 0, 0, 0, 0], most = [8, 80, s - 1, s - 1, s - 1, 2048, 4096];
                for (int i = 0; i < 7; i++) curve[i] = integers.From(curve[i], 3 + i, least[i], most[i]);
                tables[k] = Curve(s, curve);
            }
            else
            {
                int[] contexts = [5, 1, 2, 10], most = [s - 1, s - 1, s - 1, 12];
                for (int i = 0; i < 4; i++) grid[i] = integers.From(grid[i], contexts[i], 0, most[i]);
                tables[k] = Grid(integers, s, grid);
            }
        }
        return tables;
    }

    private static int[] Curve(int s, int[] curve)
    {
        var (shape, scale, centre, radius, outer, edge, peak) = (curve[0], curve[1], curve[2], curve[3], curve[4], curve[5], curve[6]);
        int[] shares = new int[s];
        long rest = 4096, weights = 0, sum = 0;
        var sharing = new List<int>();
        for (int i = 0; i < s; i++)
        {
            int distance = Math.Abs(i - centre);
            if (outer > radius && distance == outer) shares[i] = edge;
            else if (peak != 0 && distance == 0) shares[i] = peak;
            else if (distance <= radius) sharing.Add(i);
            rest -= shares[i];
        }
        int m = sharing.Count;
        PlainFields.Check(m > 0 && rest >= m, "classes: a curve without room");
        long all = sharing.Sum(i => Weight(Math.Abs(i - centre), shape, scale));
        foreach (int i in sharing)
        {
            weights += Weight(Math.Abs(i - centre), shape, scale);
            long until = weights * (rest - m) / all;
            shares[i] = (int)(1 + until - sum);
            sum = until;
        }
        return shares;
    }

    private static long Weight(int distance, int shape, int scale)
    {
        if (distance == 0) return 65536;
        int beta = new[] { 5, 6, 8, 10, 13, 16, 20, 28, 48 }[shape], z = (beta * ((int)Math.Round(64 * Math.Log2(distance)) - 8 * scale)) >> 3;
        return z < -640 ? 65536 : z >= 256 ? 1 : Math.Max(1, (long)Math.Round(65536 * Math.Exp(-Math.Pow(2, z / 64.0))));
    }

    private static int[] Grid(PlainIntegers integers, int s, int[] grid)
    {
        var (centre, first, last, q) = (grid[0], grid[1], grid[2], 1 << grid[3]);
        int[] shares = new int[s];
        int?[] numbers = new int?[s];
        int left = 4096;
        for (int i = first; i <= last; i++)
        {
            if (i == centre) continue;
            int mirror = 2 * centre - i, expected = mirror >= 0 && mirror < s && numbers[mirror] is { } known ? known : i == first || i - 1 == centre ? 0 : numbers[i - 1]!.Value;
            int number = integers.From(expected, 11 + Math.Min(expected / q, 12), 0, int.MaxValue);
            numbers[i] = number;
            long share = number < q ? number : number / q > 40 ? long.MaxValue : (long)(q + number % q) << (number / q - 1);
            PlainFields.Check(share <= left, "classes: shares of more than 4096");
            shares[i] = (int)share;
            left -= shares[i];
        }
        shares[centre] = left;
        return shares;
    }

    private static void Stream(byte[] stream, int lanes, int tail, Span<byte> symbols, Func<int, int[]> tableOf)
    {
        long bit = 0;
        uint Bits(int count)
        {
            uint value = 0;
            for (int i = 0; i < count; i++, bit++)
            {
                PlainFields.Check(bit < 8L * stream.Length, "classes: the stream ends in its states");
                value |= (uint)((stream[bit / 8] >> (int)(bit % 8)) & 1) << i;
            }
            return value;
        }

        uint[] states = new uint[lanes];
        for (int lane = 0; lane < lanes; lane++)
        {
            int h = (int)Bits(4);
            states[lane] = Bits(16 + h) | 1u << (16 + h);
        }
        PlainFields.Check(Bits((int)((8 - bit % 8) % 8)) == 0, "classes: bits behind the states");
        int read = (int)(bit / 8);
        var words = new Queue<ushort>();
        for (; read + 2 <= stream.Length; read += 2) words.Enqueue(BitConverter.ToUInt16(stream, read));
        PlainFields.Check(read == stream.Length, "classes: half a word");
        int main = symbols.Length - tail;
        for (int i = 0; i < main; i++) symbols[i] = Symbol(ref states[i % lanes], tableOf(i), words);
        PlainFields.Check(words.Count == 0 && states.All(x => x >> 16 == 1), "classes: the stream goes on or ends in other states");
        var numbers = states.Select(x => (ushort)x).ToList();
        if (tail > 0)
        {
            uint state = numbers[0] + ((uint)numbers[1] << 16);
            words = new(numbers.Skip(2));
            for (int i = main; i < symbols.Length; i++) symbols[i] = Symbol(ref state, tableOf(i), words);
            PlainFields.Check(state == 1 << 16, "classes: the last symbols end in another state");
            numbers = [.. words];
        }
        PlainFields.Check(numbers.All(v => v == 0), "classes: numbers that are not used");
    }

    private static byte Symbol(ref uint state, int[] shares, Queue<ushort> words)
    {
        uint r = state % 4096, start = 0;
        int s = 0;
        while (r >= start + shares[s]) start += (uint)shares[s++];
        state = unchecked((uint)shares[s] * (state / 4096) + r - start);
        if (state < 1 << 16)
        {
            PlainFields.Check(words.Count > 0, "classes: the stream ends");
            state = (state << 16) + words.Dequeue();
        }
        return (byte)s;
    }
}

namespace Strata.Tests.Oracles;

/// <summary>"Classes": symbols under tables that follow from their places.</summary>
internal static class PlainClasses
{
    private const int Tile = 1 << 22;

    /// <summary>Decodes what is left of the fields: n symbols of 0 … S − 1.</summary>
    public static byte[] Symbols(PlainByteFields fields, int s, long[] dims, long n)
    {
        var integers = new PlainIntegers(fields.Bytes("description", 0x7FFFFFC7));
        var classOf = Levels(integers, dims, n, out int classes);
        var tables = Tables(integers, s, classes);
        var tiles = new List<(int Lanes, int Tail, int? Length)>();
        for (long start = 0; start < n; start += Tile)
        {
            int lanes = new[] { 1, 8, 32 }[integers.Integer(64, 2)];
            int tail = lanes > 1 ? integers.Integer(65, Math.Min(n - start, Tile)) : 0;
            tiles.Add((lanes, tail, start + Tile < n ? integers.Integer(66, int.MaxValue) : null));
        }
        integers.Finish();
        byte[] symbols = new byte[n];
        for (int t = 0; t < tiles.Count; t++)
        {
            var (lanes, tail, length) = tiles[t];
            int start = t * Tile, count = (int)Math.Min(n - start, Tile);
            PlainFields.Check(length is null || length <= fields.Left, "classes: a stream ends behind the payload");
            Stream(fields.Take(length ?? fields.Left), lanes, tail, symbols.AsSpan(start, count), i => tables[classOf(start + i)]);
        }
        return symbols;
    }

    private static Func<long, int> Levels(PlainIntegers integers, long[] dims, long n, out int classes)
    {
        int view = integers.Integer(32, 3);
        long[] d = [.. dims.SkipWhile(x => x == 1)];
        if (d.Length == 0) d = [1];
        long second = d.Length > 1 ? d[1] : 1;
        long row = n / d[0], block = view == 3 ? 1 + integers.Integer(33, row - 1) : row, blocks = (row + block - 1) / block, tap = view == 2 ? row / second : 1;
        long[] extents = view switch { 0 => [], 1 => [d[0], row], 2 => [d[0], second, tap], _ => [d[0] * blocks, row] };
        int[][] levels = [.. extents.Select(e => Levels(integers, e))];
        int[] bySum = new int[1 + levels.Sum(l => l.Max())];
        for (int sum = 1; sum < bySum.Length; sum++) bySum[sum] = bySum[sum - 1] + integers.Integer(36, 1);
        classes = bySum[^1] + 1;
        PlainFields.Check(classes <= 16, "classes: too many");
        return view switch
        {
            0 => _ => 0,
            1 => i => bySum[levels[0][i / row] + levels[1][i % row]],
            2 => i => bySum[levels[0][i / row] + levels[1][i / tap % second] + levels[2][i % (tap + PlantedBug.In("tap"))]],
            _ => i => bySum[levels[0][i / row * blocks + i % row / block] + levels[1][i % row]],
        };
    }

    private static int[] Levels(PlainIntegers integers, long extent)
    {
        int[] levels = new int[extent];
        int most = integers.Integer(34, 31);
        if (most == 0) return levels;
        int f = integers.Integer(35, 1), before = 0;
        for (int i = 0; i < extent; i++) before = levels[i] = integers.Integer(f == 0 ? 40 : 41 + before * (1 - PlantedBug.In("level before")), most);
        PlainFields.Check(levels.Contains(most), "classes: the highest level does not occur");
        return levels;
    }

    private static PlainShares[] Tables(PlainIntegers integers, int s, int classes)
    {
        int[] curve = [4, 8 * (int)Math.Log2(s) - 20, s / 2, s / 2 - 1, 0, 0, 0], grid = [s / 2, 1, s - 1, 3];
        var tables = new PlainShares[classes];
        for (int k = 0; k < classes; k++)
        {
            bool isCurve = integers.Integer(0, 1) == 1;
            int[] last = isCurve ? curve : grid, contexts = isCurve ? [3, 4, 5, 6, 7, 8, 9] : [5, 1, 2, 10];
            int[] most = isCurve ? [8, 80, s - 1, s - 1, s - 1, 2048, 4096] : [s - 1, s - 1, s - 1, 12];
            for (int i = 0; i < last.Length; i++) last[i] = integers.From(last[i], contexts[i], contexts[i] == 4 ? -16 : 0, most[i]);
            tables[k] = new(isCurve ? Curve(s, curve) : Grid(integers, s, grid));
        }
        return tables;
    }

    private static int[] Curve(int s, int[] curve)
    {
        var (shape, scale, centre, radius, outer, edge, peak) = (curve[0], curve[1], curve[2], curve[3], curve[4], curve[5], curve[6]);
        int[] shares = new int[s];
        var sharing = new List<int>();
        for (int i = 0; i < s; i++)
        {
            int distance = Math.Abs(i - centre);
            if (outer > radius && distance == outer) shares[i] = edge + PlantedBug.In("edge");
            else if (peak != 0 && distance == 0 + PlantedBug.In("peak")) shares[i] = peak;
            else if (distance <= radius) sharing.Add(i);
        }
        long m = sharing.Count, rest = 4096 - shares.Sum(), weights = 0, sum = 0, all = sharing.Sum(Weight);
        PlainFields.Check(m > 0 && rest >= m, "classes: a curve without room");
        foreach (int i in sharing)
        {
            weights += Weight(i);
            long until = weights * (rest - m) / all;
            shares[i] = (int)(1 + until - sum);
            sum = until;
        }
        return shares;

        long Weight(int i)
        {
            if (i == centre) return 65536;
            int beta = new[] { 5, 6, 8, 10, 13, 16, 20, 28, 48 }[shape], z = (beta * ((int)Math.Round(64 * Math.Log2(Math.Abs(i - centre))) - 8 * scale)) >> 3;
            return z < -640 + 600 * PlantedBug.In("weight") ? 65536 : z >= 256 ? 1 : Math.Max(1, (long)Math.Round(65536 * Math.Exp(-Math.Pow(2, z / 64.0))));
        }
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
            int mirror = 2 * centre - i;
            int expected = (mirror >= 0 && mirror < s ? numbers[mirror] : null) ?? (i == first || i - 1 == centre ? 0 : numbers[i - 1]!.Value);
            int number = integers.From(expected, 11 + Math.Min(expected / q, 12 - PlantedBug.In("grid context")), 0, int.MaxValue);
            numbers[i] = number;
            long share = number < q ? number : number / q > 40 ? long.MaxValue : (long)(q + number % q) << (number / q - 1);
            PlainFields.Check(share <= left, "classes: shares of more than 4096");
            shares[i] = (int)share;
            left -= shares[i];
        }
        shares[centre] = left;
        return shares;
    }

    private static void Stream(byte[] stream, int lanes, int tail, Span<byte> symbols, Func<int, PlainShares> tableOf)
    {
        var head = new PlainBits(stream);
        uint[] states = new uint[lanes];
        for (int lane = 0; lane < lanes; lane++)
        {
            int bits = 16 + head.Next(4);
            states[lane] = 1u << bits | (uint)head.Next(bits);
        }
        var words = new PlainWords(stream, head.EndOfByte());
        int main = symbols.Length - tail;
        for (int i = 0; i < main; i++) symbols[i] = words.Symbol(ref states[i % lanes], tableOf(i));
        PlainFields.Check(words.AreOver && states.All(x => x >> 16 == 1), "classes: the stream goes on or ends in other states");
        byte[] numbers = [.. states.SelectMany(x => BitConverter.GetBytes((ushort)x))];
        if (tail > 0)
        {
            words = new(numbers);
            uint state = words.State();
            for (int i = main; i < symbols.Length; i++) symbols[i] = words.Symbol(ref state, tableOf(i));
            PlainFields.Check(state == 1 << 16, "classes: the last symbols end in another state");
            numbers = words.Left.ToArray();
        }
        PlainFields.Check(numbers.All(b => b == 0), "classes: numbers that are not used");
    }
}

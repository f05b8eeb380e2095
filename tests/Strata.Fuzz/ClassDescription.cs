using Strata.Bitstream.Codecs.Classes;
using Strata.Bitstream.Entropy;

namespace Strata.Fuzz;

/// <summary>A random description of classes and tables, integer by integer as docs/bitstream.md lists them, and symbols coded under it.</summary>
internal sealed class ClassDescription
{
    private const int View = 32, Block = 33, Highest = 34, Chain = 35, Step = 36, Level = 40, Lanes = 64, Tail = 65, Total = 4096;

    private static readonly int[] LaneCounts = [1, 8, 32];

    private readonly List<(int Context, int Value)> integers = [];
    private readonly int[] dims;
    private readonly int symbols;
    private ClassModel model;

    /// <summary>Draws until a description is valid.</summary>
    public ClassDescription(int symbols, int[] dims, Random random)
    {
        (this.symbols, this.dims) = (symbols, dims);
        do
        {
            integers.Clear();
            Tables(Classes(random), random);
        }
        while (!TryRead(out model!));
    }

    /// <summary>A payload: some symbols that the tables allow; now and then with a highest level that no place has.</summary>
    public byte[] Payload(Random random)
    {
        byte[] all = new byte[dims.Aggregate(1, (a, b) => a * b)], classes = new byte[all.Length];
        model.Levels.Fill(0, classes);
        for (int i = 0; i < all.Length; i++)
        {
            ushort[] shares = model.Tables[classes[i]].Shares;
            int at = random.Next(Total), s = 0;
            while (at >= shares[s]) at -= shares[s++];
            all[i] = (byte)s;
        }
        int lanes = random.Next(LaneCounts.Length);
        var (stream, tail) = new ClassRansEncoder(model.Shares()).Encode(all, model.Levels.Count > 1 ? classes : [], LaneCounts[lanes]);
        if (random.Next(8) == 0) Raise(hasSums: random.Next(2) == 0);
        integers.Add((Lanes, lanes));
        if (lanes > 0) integers.Add((Tail, tail));
        byte[] description = Written();
        return [.. Edits.Varint((ulong)description.Length), .. description, .. stream];
    }

    // Sums that nothing reaches may belong to the last class.
    private void Raise(bool hasSums)
    {
        int i = integers.FindIndex(n => n.Context == Highest && n.Value is > 0 and < 31);
        if (i < 0) return;
        integers[i] = (Highest, integers[i].Value + 1);
        if (hasSums) integers.Insert(integers.FindLastIndex(n => n.Context == Step) + 1, (Step, 0));
    }

    private int Classes(Random random)
    {
        int first = dims[0] == 1 ? Array.FindIndex(dims, d => d != 1) : 0;
        int[] d = first < 0 ? [1] : dims[first..];
        int count = dims.Aggregate(1, (a, b) => a * b), row = count / d[0], second = d.Length > 1 ? d[1] : 1, view = random.Next(4);
        integers.Add((View, view));
        int block = random.Next(1, row + 1);
        if (view == 3) integers.Add((Block, block - 1));
        int[] extents = view switch { 0 => [], 1 => [d[0], row], 2 => [d[0], second, row / second], _ => [d[0] * ((row + block - 1) / block), row] };
        int sum = 0, classes = 0;
        foreach (int extent in extents)
        {
            int[] levels = [.. Enumerable.Range(0, extent).Select(_ => random.Next(random.Next(1, 5)))];
            int most = levels.Max(), chain = random.Next(2), before = 0;
            integers.Add((Highest, most));
            if (most == 0) continue;
            integers.Add((Chain, chain));
            foreach (int level in levels)
            {
                integers.Add((chain == 0 ? Level : Level + 1 + before, level));
                before = level;
            }
            sum += most;
        }
        for (; sum > 0; sum--)
        {
            int step = random.Next(2);
            integers.Add((Step, step));
            classes += step;
        }
        return classes + 1;
    }

    private void Tables(int classes, Random random)
    {
        int[] curve = [4, 8 * (int)Math.Log2(symbols) - 20, symbols / 2, symbols / 2 - 1, 0, 0, 0], grid = [symbols / 2, 1, symbols - 1, 3];
        for (int k = 0; k < classes; k++)
        {
            int kind = random.Next(2);
            integers.Add((0, kind));
            if (kind == 1)
            {
                int[] next = [random.Next(9), random.Next(-16, 81), random.Next(symbols), random.Next(symbols), random.Next(symbols), random.Next(random.Next(1, 300)), random.Next(2) * random.Next(2000)];
                for (int i = 0; i < next.Length; i++) Difference(3 + i, ref curve[i], random.Next(4) == 0 ? next[i] : curve[i]);
            }
            else
            {
                Difference(5, ref grid[0], random.Next(symbols));
                Difference(1, ref grid[1], random.Next(random.Next(1, symbols)));
                Difference(2, ref grid[2], grid[1] + random.Next(symbols - grid[1]));
                Difference(10, ref grid[3], random.Next(random.Next(1, 13)));
                Numbers(grid, random);
            }
        }
    }

    // Some take half of what is left, so that few shares of a coarse grid reach far.
    private void Numbers(int[] grid, Random random)
    {
        var (centre, first, last, shape) = (grid[0], grid[1], grid[2], new ClassTable.Grid(grid[0], grid[1], grid[2], grid[3]));
        int left = Total;
        int[] numbers = new int[symbols];
        for (int s = first; s <= last; s++)
        {
            if (s == centre) continue;
            int mirror = 2 * centre - s, expected = mirror >= first && mirror < s ? numbers[mirror] : s > first && s - 1 != centre ? numbers[s - 1] : 0;
            int share = random.Next(4) switch { 0 => left / 2, 1 => random.Next(left + 1), 2 => 0, _ => Math.Min(left, random.Next(40)) }, number = shape.NumberOf(share);
            while (shape.ShareOf(number) > left) number--;
            integers.Add((11 + Math.Min(expected >> grid[3], 12), ZigZag(number - expected)));
            numbers[s] = number;
            left -= shape.ShareOf(number);
        }
    }

    private void Difference(int context, ref int before, int value)
    {
        integers.Add((context, ZigZag(value - before)));
        before = value;
    }

    private static int ZigZag(int value) => value << 1 ^ value >> 31;

    private byte[] Written()
    {
        var writer = new IntegerWriter();
        foreach (var (context, value) in integers)
        {
            int copy = value;
            writer.Unsigned(context, ref copy);
        }
        return writer.End();
    }

    private bool TryRead(out ClassModel? model)
    {
        model = null;
        try
        {
            var reader = new IntegerReader(Written());
            ClassLevels? levels = null;
            ClassLevels.Walk(reader, dims, ref levels);
            var tables = new ClassTable[levels!.Count];
            ClassTable.WalkAll(reader, symbols, tables);
            reader.End();
            model = new(levels, tables);
            return true;
        }
        catch (StrataFormatException)
        {
            return false; // too many classes, a curve without room
        }
    }
}

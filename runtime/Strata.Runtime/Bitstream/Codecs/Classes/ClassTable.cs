using Strata.Bitstream.Entropy;

namespace Strata.Bitstream.Codecs.Classes;

/// <summary>
/// The shares of a class of symbols (docs/bitstream.md, "Classes"), described one by one or as a curve around a centre:
/// exp(−(distance / scale)^shape), with shares of their own for the centre and for two outermost symbols, since scales that
/// are made of largest weights put weights there.
/// </summary>
internal sealed class ClassTable
{
    private const int CurveKind = 1, LogSteps = 64, ScaleSteps = 8, LeastExponent = -640, MostExponent = 256, Shapes = 9;

    /// <summary>The limits of parameters.</summary>
    public const int LeastScale = -16, MostScale = 80, MostPrecision = 12;

    // Contexts of the description.
    private const int KindContext = 0, FirstContext = 1, LastContext = 2, ShapeContext = 3, ScaleContext = 4, CentreContext = 5,
        RadiusContext = 6, OuterContext = 7, EdgeContext = 8, PeakContext = 9, PrecisionContext = 10, ShareContext = 11;

    // Eighths of the exponent: from peaks sharper than Laplace's (8) over Gauss's (16) to nearly flat.
    private static readonly int[] s_shapes = [5, 6, 8, 10, 13, 16, 20, 28, 48];

    // 64 · log2(distance); 65536 · exp(−2^(j/64)).
    private static readonly int[] s_logs = [0, .. Enumerable.Range(1, 255).Select(d => (int)Math.Round(LogSteps * Math.Log2(d)))];
    private static readonly int[] s_curve = [.. Enumerable.Range(LeastExponent, MostExponent - LeastExponent).Select(j => (int)Math.Round(65536 * Math.Exp(-Math.Pow(2, j / (double)LogSteps))))];

    private readonly int symbols;

    /// <summary>Shares of all symbols of the type; they sum to 4096.</summary>
    public ushort[] Shares { get; private set; }

    private Curve? curve;
    private Grid grid;

    private ClassTable(int symbols) => (this.symbols, Shares) = (symbols, new ushort[symbols]);

    /// <summary>The parameters of a curve. Scales are in eighths of an octave.</summary>
    public readonly record struct Curve(int Shape, int Scale, int Centre, int Radius, int Outer, int Edge, int Peak);

    /// <summary>The table of shares rounded to a grid, or null where nothing would be left for the centre.</summary>
    public static ClassTable? Of(ushort[] shares, Grid grid)
    {
        var table = new ClassTable(shares.Length) { grid = grid };
        int left = FrequencyTable.Total;
        for (int s = grid.First; s <= grid.Last; s++)
        {
            if (s != grid.Centre) left -= table.Shares[s] = (ushort)grid.ShareOf(grid.NumberOf(shares[s]));
        }
        if (left < 0 || left == 0 && shares[grid.Centre] > 0) return null;
        table.Shares[grid.Centre] = (ushort)left;
        return table;
    }

    /// <summary>The table of a curve, or null where that has none.</summary>
    public static ClassTable? Of(int symbols, Curve curve)
    {
        var table = new ClassTable(symbols) { curve = curve };
        return table.Fill(curve) ? table : null;
    }

    /// <summary>Number of shapes.</summary>
    public static int ShapeCount => Shapes;

    /// <summary>Weights of distances for a shape and a scale: their sums up to each distance, from 0 on, and their binary logarithms with 16 fractional bits.</summary>
    public sealed record Weights(int[] Sums, double[] Logs);

    private static readonly Weights?[] s_weights = new Weights?[Shapes * (MostScale - LeastScale + 1)];

    /// <summary>The weights of a shape and a scale.</summary>
    public static Weights WeightsOf(int shape, int scale)
    {
        ref var known = ref s_weights[shape * (MostScale - LeastScale + 1) + scale - LeastScale];
        if (known is not null) return known;
        var (sums, logs, sum) = (new int[256], new double[256], 0);
        for (int d = 0; d < 256; d++)
        {
            sums[d] = sum += WeightOf(shape, scale, d);
            logs[d] = FrequencyTable.Log2((ulong)WeightOf(shape, scale, d));
        }
        return known = new(sums, logs);
    }

    /// <summary>The weight of a distance from the centre, in [1, 65536].</summary>
    public static int WeightOf(int shape, int scale, int distance)
    {
        if (distance == 0) return 1 << 16;
        int at = s_shapes[shape] * (s_logs[distance] - LogSteps / ScaleSteps * scale) >> 3;
        return at < LeastExponent ? 1 << 16 : at >= MostExponent ? 1 : Math.Max(1, s_curve[at - LeastExponent]);
    }

    /// <summary>About what the description takes where it is the first, in bits with 16 fractional ones.</summary>
    public long DescriptionBits()
    {
        var trial = new IntegerMeter();
        var (table, before) = (this, Initial(symbols));
        Walk(trial, symbols, ref table!, ref before);
        trial.Release();
        return trial.Bits;
    }

    // The symbols within the radius share what edges and peak leave: one each, the rest by their weights.
    private bool Fill(Curve c)
    {
        int rest = FrequencyTable.Total - c.Peak, first = Math.Max(0, c.Centre - c.Radius), last = Math.Min(symbols - 1, c.Centre + c.Radius);
        if (c.Outer > c.Radius)
        {
            foreach (int edge in (ReadOnlySpan<int>)[c.Centre - c.Outer, c.Centre + c.Outer])
            {
                if (edge < 0 || edge >= symbols) continue;
                Shares[edge] = (ushort)c.Edge;
                rest -= c.Edge;
            }
        }
        bool hasPeak = c.Peak > 0;
        int count = last - first + (hasPeak ? 0 : 1);
        if (count == 0 || rest < count) return false;
        int[] sums = WeightsOf(c.Shape, c.Scale).Sums;
        int outside = sums[c.Centre - first], left = outside - sums[0], inner = left + (hasPeak ? 0 : sums[0]), right = sums[last - c.Centre] - sums[0], given = 0;
        // Quotients of multiples of 1 / all, below 4096, by a reciprocal; half a multiple more keeps each on its side of whole numbers.
        double unit = (rest - count) / (double)(inner + right), half = 0.5 / (inner + right);
        Span<ushort> before = Shares.AsSpan(first, c.Centre - first), behind = Shares.AsSpan(c.Centre + 1, last - c.Centre);
        for (int k = 0; k < before.Length; k++) before[k] = Share(outside - sums[before.Length - k - 1]);
        Shares[c.Centre] = hasPeak ? (ushort)c.Peak : Share(inner);
        for (int k = 0; k < behind.Length; k++) behind[k] = Share(inner + sums[k + 1] - sums[0]);
        return true;

        ushort Share(int sum)
        {
            int end = (int)(sum * unit + half), share = 1 + end - given;
            given = end;
            return (ushort)share;
        }
    }

    /// <summary>The description of the tables of all classes; a reader fills them in.</summary>
    /// <exception cref="StrataFormatException">It is none.</exception>
    public static void WalkAll(IntegerSyntax s, int symbols, ClassTable?[] tables)
    {
        var before = Initial(symbols);
        foreach (ref var table in tables.AsSpan()) Walk(s, symbols, ref table, ref before);
    }

    // What the first table is described after.
    private static (Curve Curve, Grid Grid) Initial(int symbols) => (new(4, 8 * System.Numerics.BitOperations.Log2((uint)symbols) - 20, symbols / 2, symbols / 2 - 1, 0, 0, 0), new(symbols / 2, 1, symbols - 1, 3));

    private static void Walk(IntegerSyntax s, int symbols, ref ClassTable? table, ref (Curve Curve, Grid Grid) before)
    {
        int kind = table?.curve is null ? 0 : CurveKind;
        s.Unsigned(KindContext, ref kind, CurveKind);
        if (kind == CurveKind) WalkCurve(s, symbols, ref table, ref before.Curve);
        else WalkShares(s, symbols, ref table, ref before.Grid);
    }

    private static void WalkCurve(IntegerSyntax s, int symbols, ref ClassTable? table, ref Curve before)
    {
        var c = table?.curve ?? default;
        before = new(
            Difference(s, ShapeContext, c.Shape, before.Shape, 0, Shapes - 1), Difference(s, ScaleContext, c.Scale, before.Scale, LeastScale, MostScale),
            Difference(s, CentreContext, c.Centre, before.Centre, 0, symbols - 1), Difference(s, RadiusContext, c.Radius, before.Radius, 0, symbols - 1),
            Difference(s, OuterContext, c.Outer, before.Outer, 0, symbols - 1), Difference(s, EdgeContext, c.Edge, before.Edge, 0, FrequencyTable.Total / 2),
            Difference(s, PeakContext, c.Peak, before.Peak, 0, FrequencyTable.Total));
        if (s.IsReading) table = Of(symbols, before) ?? throw new StrataFormatException("a curve of a tensor's description leaves no shares for its symbols");
    }

    // The numbers of shares, which the other side of the centre or the last share lets expect; the centre gets what is left.
    private static void WalkShares(IntegerSyntax s, int symbols, ref ClassTable? table, ref Grid before)
    {
        var g = table?.grid ?? default;
        before = g = new(
            Difference(s, CentreContext, g.Centre, before.Centre, 0, symbols - 1), Difference(s, FirstContext, g.First, before.First, 0, symbols - 1),
            Difference(s, LastContext, g.Last, before.Last, 0, symbols - 1), Difference(s, PrecisionContext, g.Precision, before.Precision, 0, MostPrecision));
        table ??= new ClassTable(symbols) { grid = g };
        int left = FrequencyTable.Total;
        var numbers = new int[symbols];
        for (int symbol = g.First; symbol <= g.Last; symbol++)
        {
            if (symbol == g.Centre) continue;
            int mirror = 2 * g.Centre - symbol, expected = mirror >= g.First && mirror < symbol ? numbers[mirror] : symbol > g.First ? numbers[symbol - 1] : 0;
            int number = Difference(s, ShareContext + Math.Min(expected >> g.Precision, 12), g.NumberOf(table.Shares[symbol]), expected, 0, g.NumberOf(FrequencyTable.Total)), share = g.ShareOf(number);
            if (share > left) throw new StrataFormatException($"a share of a tensor's description is {share}, allowed are 0 to {left}");
            numbers[symbol] = number;
            table.Shares[symbol] = (ushort)share;
            left -= share;
        }
        if (s.IsReading) table.Shares[g.Centre] = (ushort)left;
    }

    private static int Difference(IntegerSyntax s, int context, int value, int expected, int least, int most)
    {
        int difference = value - expected;
        s.Signed(context, ref difference);
        long result = (long)expected + difference;
        return result >= least && result <= most ? (int)result : throw new StrataFormatException($"a parameter of a table is {result}, allowed are {least} to {most}");
    }

    /// <summary>How explicit shares are described: those of symbols from the first to the last but the centre, rounded to so many bits behind the highest.</summary>
    public readonly record struct Grid(int Centre, int First, int Last, int Precision)
    {
        /// <summary>The share of a number.</summary>
        public int ShareOf(int number)
        {
            int exact = 1 << Precision;
            return number < exact ? number : exact + (number & exact - 1) << (number >> Precision) - 1;
        }

        /// <summary>The number of a share, rounded to the nearer one; of two that are equally near the larger.</summary>
        public int NumberOf(int share)
        {
            int exact = 1 << Precision;
            if (share < exact) return share;
            int shift = System.Numerics.BitOperations.Log2((uint)share) - Precision, rounded = shift == 0 ? share : share + (1 << shift - 1);
            shift = System.Numerics.BitOperations.Log2((uint)rounded) - Precision;
            return (shift << Precision) + (rounded >> shift);
        }
    }
}

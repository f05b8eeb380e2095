using Strata.Bitstream.Entropy;

namespace Strata.Bitstream.Codecs.Classes;

/// <summary>
/// Chooses classes for the symbols of a tensor by what they come to with their description. Integer arithmetic only: the
/// same tensor gives the same bytes everywhere.
/// </summary>
internal ref struct ClassModeler
{
    private const int LogBits = FrequencyTable.LogBits;

    // Fewer symbols are not worth a look at classes.
    private const int LeastSymbols = 256;

    // So many symbols, and so many rows, tell how many bits classes take.
    private const int ManyCounted = 1 << 16, LeastCountedRows = 32;

    // Classes to begin with.
    private const int MostParts = 32, LeastPart = 64;

    // Tables of so many symbols are fitted so fast that every sum is a part.
    private const int FewSymbols = 16;

    // Shorter blocks are not worth a level.
    private const int LeastBlock = 4;

    // Steps of levels, by how many symbols share one: a scale known from few is not known precisely.
    private const int ManySamples = 256, SomeSamples = 48;

    private readonly ReadOnlySpan<byte> symbols;
    private readonly int symbolCount;
    private readonly ReadOnlySpan<int> dims;
    private readonly int[] extents;
    private readonly int octave; // symbols of an octave where they are logarithms, else 0

    private ClassModeler(ReadOnlySpan<byte> symbols, int symbolCount, ReadOnlySpan<int> dims, int octave)
    {
        this.octave = octave;
        this.symbols = symbols;
        this.symbolCount = symbolCount;
        this.dims = dims;
        extents = ClassLevels.ExtentsOf(ClassLevels.View.Filters, dims);
    }

    /// <summary>The model of symbols below a number, at least one, of a tensor.</summary>
    /// <param name="symbols">Codes of weights, or logarithms of magnitudes.</param>
    /// <param name="symbolCount">The number that they are below.</param>
    /// <param name="dims">Dimensions of the tensor.</param>
    /// <param name="octave">0 for codes, whose distance from the centre grows with the scale of their row; else the symbols of an octave: scales shift logarithms.</param>
    public static ClassModel Choose(ReadOnlySpan<byte> symbols, int symbolCount, ReadOnlySpan<int> dims, int octave = 0) => new ClassModeler(symbols, symbolCount, dims, octave).Choose();

    private readonly ClassModel Choose()
    {
        var counts = new int[symbolCount];
        Count(symbols, counts);
        int centre = MedianOf(counts);
        var one = ClassFit.Best(counts, centre);
        var none = new ClassModel(ClassLevels.None(dims), [one.Table]);
        if (symbols.Length < LeastSymbols || extents[0] == 1 && extents[2] == 1) return none;

        // The sums of distances from the centre: of rows, of columns with their taps, of columns, of taps.
        int row = extents[1] * extents[2];
        long[] rowSums = new long[extents[0]], placeSums = new long[row], columnSums = new long[extents[1]], tapSums = new long[extents[2]];
        var distances = new Distances(symbols, octave > 0 ? 0 : centre);
        distances.AddTo(rowSums, placeSums);
        for (int c = 0, at = 0; c < columnSums.Length; c++)
        {
            for (int t = 0; t < tapSums.Length; t++, at++) (columnSums[c], tapSums[t]) = (columnSums[c] + placeSums[at], tapSums[t] + placeSums[at]);
        }
        Axis rows = AxisOf(rowSums), places = AxisOf(placeSums), columns = extents[2] > 1 ? AxisOf(columnSums) : places, taps = AxisOf(tapSums);
        // Blocks of a size that groups of weights often have, and of the taps of a filter.
        int block = 0;
        var own = Axis.None;
        foreach (int length in (ReadOnlySpan<int>)[32, extents[2]])
        {
            if (octave > 0 || length < LeastBlock || length >= row) continue;
            var axis = AxisOf(distances.OfBlocks(row, length));
            if (axis.Gain > own.Gain) (block, own) = (length, axis);
        }
        bool isSplit = extents[2] > 1 && Math.Max(0, columns.Gain) + Math.Max(0, taps.Gain) > places.Gain;
        var placesView = isSplit ? ClassLevels.View.Filters : ClassLevels.View.Matrix;
        ReadOnlySpan<(ClassLevels.View View, Axis[] Axes)> candidates = [
            (ClassLevels.View.Matrix, [rows, Axis.None, Axis.None]),
            (placesView, isSplit ? [Axis.None, columns.Worth, taps.Worth] : [Axis.None, places, Axis.None]),
            (placesView, isSplit ? [rows, columns.Worth, taps.Worth] : [rows, places, Axis.None]),
            (ClassLevels.View.Blocks, [own, Axis.None, Axis.None]),
            (ClassLevels.View.Blocks, [own, places.Worth, Axis.None])];
        var buckets = new ClassBuckets(symbolCount, centre, octave > 0);
        var best = (Levels: (ClassLevels?)null, LevelBits: 0L, Bits: long.MaxValue);
        foreach (var (view, axes) in candidates)
        {
            long gain = axes.Sum(a => a.Gain);
            if (gain <= 0 || axes.All(a => a.Levels is null) || view == ClassLevels.View.Blocks && block == 0) continue;
            long levelBits = axes.Sum(a => a.Bits);
            var (levels, bits) = Build(view, [.. axes.Select(a => a.Levels)], levelBits, block, buckets);
            if (bits < best.Bits) best = (levels, levelBits, bits);
        }
        if (best.Levels is not { Count: > 1 } chosen) return none;
        var (tables, total) = Fit(chosen, centre);
        return best.LevelBits + total < one.Bits ? new(chosen, tables) : none;
    }

    private static void Count(ReadOnlySpan<byte> symbols, int[] counts)
    {
        // Equal neighbours would wait for each other in one count.
        Span<int> odd = stackalloc int[256];
        odd.Clear();
        int k = 0;
        for (; k + 1 < symbols.Length; k += 2)
        {
            counts[symbols[k]]++;
            odd[symbols[k + 1]]++;
        }
        if (k < symbols.Length) counts[symbols[k]]++;
        for (int s = 0; s < counts.Length; s++) counts[s] += odd[s];
    }

    private static int MedianOf(int[] counts)
    {
        long all = counts.Sum(c => (long)c), sum = 0;
        int symbol = 0;
        while ((sum += counts[symbol]) * 2 < all) symbol++;
        return symbol;
    }

    // The levels of an axis, what they save about, less what they take themselves; in bits with LogBits fractional ones.
    private readonly record struct Axis(byte[]? Levels, long Gain, long Bits)
    {
        public static Axis None => default;

        public Axis Worth => Gain > 0 ? this : None;
    }

    private readonly Axis AxisOf(long[] sums)
    {
        if (sums.Length == 1) return Axis.None;
        int samples = symbols.Length / sums.Length;
        int stepBits = samples >= ManySamples ? LogBits - 2 : samples >= SomeSamples ? LogBits - 1 : LogBits;
        long step = 1L << stepBits, all = 0, logs = 0, most = 0, least = long.MaxValue;
        var values = new long[sums.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            // The mean distance with 8 fractional bits, a sixteenth at least.
            long log = values[i] = octave > 0 ? (sums[i] << LogBits) / ((long)samples * octave) : CoarseLog.Of((sums[i] << 8) / samples + 16);
            (all, logs, most, least) = (all + sums[i], logs + log, Math.Max(most, log), Math.Min(least, log));
        }
        least = Math.Max(least, most - (ClassLevels.MostLevels - 1) * step);
        var levels = Array.ConvertAll(values, v => (byte)(Math.Max(v, least) - least + step / 2 >> stepBits));
        if (levels.Max() == 0) return Axis.None;
        // Symbols whose scale is known take the logarithm of their own scale instead of that of the mean scale.
        long gain = octave > 0 ? GainOf(values, logs) : samples * (sums.Length * FrequencyTable.Log2((ulong)((all << 8) / symbols.Length + 16)) - logs), bits = ClassLevels.BitsOf(levels);
        return new(levels, gain - bits, bits);
    }

    // Logarithms whose mean is known vary less: half the logarithm of the ratio of variances each.
    private readonly long GainOf(long[] means, long sum)
    {
        long mean = sum / means.Length, between = 0, all = 0;
        foreach (long each in means) between += Square(each - mean);
        between /= means.Length;
        foreach (byte symbol in symbols) all += Square(((long)symbol << LogBits) / octave - mean);
        all = all / symbols.Length + 1;
        return symbols.Length * (FrequencyTable.Log2((ulong)all) - FrequencyTable.Log2((ulong)Math.Max(1, all - between))) / 2;

        static long Square(long octaves) => (octaves >> 8) * (octaves >> 8);
    }

    // The classes of sums of levels, and about what symbols and levels take.
    private readonly (ClassLevels Levels, long Bits) Build(ClassLevels.View view, byte[]?[] levels, long levelBits, int block, ClassBuckets buckets)
    {
        int most = 0;
        foreach (byte[]? each in levels) most += MostOf(each);
        int[] ofView = ClassLevels.ExtentsOf(view, dims);
        var counts = new int[(most + 1) * buckets.Count];
        byte[] places = ClassLevels.PlacesOf(levels, ofView);
        int row = places.Length, length = view == ClassLevels.View.Blocks ? Math.Min(block, row) : row, blocks = (row + length - 1) / length;
        // Of many symbols some rows stand for all of them.
        int stride = Math.Clamp(symbols.Length / ManyCounted, 1, Math.Max(1, ofView[0] / LeastCountedRows));
        long counted = 0;
        for (int r = 0; r < ofView[0]; r += stride, counted += row)
        {
            var own = symbols.Slice(r * row, row);
            if (levels[0] is { } ofRows)
            {
                for (int b = 0, at = 0; b < blocks; b++, at += length)
                {
                    int take = Math.Min(length, row - at);
                    buckets.Add(own.Slice(at, take), places.AsSpan(at, take), counts.AsSpan(ofRows[r * blocks + b] * buckets.Count));
                }
            }
            else buckets.Add(own, places, counts);
        }
        var (classes, bits) = buckets.Classes(counts, symbols.Length, counted, symbolCount > FewSymbols ? Math.Max(LeastPart, symbols.Length / MostParts) : 1);
        return (new(view, dims, block, levels, classes), levelBits + bits + ((long)most << LogBits - 2));
    }

    private static int MostOf(byte[]? levels) => levels?.Max() ?? 0;

    // The tables of classes, and what symbols and tables take.
    private readonly (ClassTable[] Tables, long Bits) Fit(ClassLevels levels, int centre)
    {
        long bits = 0;
        var tables = Array.ConvertAll(levels.CountsOf(symbols, symbolCount), counts =>
        {
            var fit = ClassFit.Best(counts, centre);
            bits += fit.Bits;
            return fit.Table;
        });
        return (tables, bits);
    }
}

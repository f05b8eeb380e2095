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

    private ClassModel Choose()
    {
        var counts = new int[symbolCount];
        foreach (byte symbol in symbols) counts[symbol]++;
        int centre = MedianOf(counts);
        var one = ClassFit.Best(counts, centre);
        var none = new ClassModel(ClassLevels.None(dims), [one.Table]);
        if (symbols.Length < LeastSymbols || extents[0] == 1 && extents[2] == 1) return none;

        // The sums of distances from the centre: of rows, of columns with their taps, of columns, of taps.
        int row = extents[1] * extents[2];
        long[] rowSums = new long[extents[0]], placeSums = new long[row], columnSums = new long[extents[1]], tapSums = new long[extents[2]];
        AddDistances(centre, row, rowSums, placeSums);
        for (int p = 0; p < row; p++)
        {
            columnSums[p / extents[2]] += placeSums[p];
            tapSums[p % extents[2]] += placeSums[p];
        }
        Axis rows = AxisOf(rowSums), places = AxisOf(placeSums), columns = AxisOf(columnSums), taps = AxisOf(tapSums);
        // Blocks of a size that groups of weights often have, and of the taps of a filter.
        int block = 0;
        var own = Axis.None;
        foreach (int length in (ReadOnlySpan<int>)[32, extents[2]])
        {
            if (octave > 0 || length < LeastBlock || length >= row) continue;
            var sums = new long[extents[0] * ((row + length - 1) / length)];
            AddDistances(centre, length, sums, new long[row]);
            var axis = AxisOf(sums);
            if (axis.Gain > own.Gain) (block, own) = (length, axis);
        }
        bool isSplit = extents[2] > 1 && Math.Max(0, columns.Gain) + Math.Max(0, taps.Gain) > places.Gain;
        var best = (Model: none, one.Bits);
        var places2 = isSplit ? ClassLevels.View.Filters : ClassLevels.View.Matrix;
        foreach (var (view, axes) in (ReadOnlySpan<(ClassLevels.View, Axis[])>)[
            (ClassLevels.View.Matrix, [rows, Axis.None, Axis.None]),
            (places2, isSplit ? [Axis.None, columns.Worth, taps.Worth] : [Axis.None, places, Axis.None]),
            (places2, isSplit ? [rows, columns.Worth, taps.Worth] : [rows, places, Axis.None]),
            (ClassLevels.View.Blocks, [own, Axis.None, Axis.None]),
            (ClassLevels.View.Blocks, [own, places.Worth, Axis.None])])
        {
            if (axes.Sum(a => a.Gain) <= 0 || axes.All(a => a.Levels is null) || view == ClassLevels.View.Blocks && block == 0) continue;
            var (model, bits) = Build(view, [.. axes.Select(a => a.Levels)], axes.Sum(a => a.Bits), block, centre);
            if (bits < best.Bits) best = (model, bits);
        }
        return best.Model;
    }

    private static int MedianOf(int[] counts)
    {
        long all = counts.Sum(c => (long)c), sum = 0;
        int symbol = 0;
        while ((sum += counts[symbol]) * 2 < all) symbol++;
        return symbol;
    }

    private readonly void AddDistances(int centre, int length, long[] blockSums, long[] placeSums)
    {
        Span<byte> distances = stackalloc byte[256];
        for (int s = 0; s < symbolCount; s++) distances[s] = (byte)(octave > 0 ? s : Math.Abs(s - centre));
        int at = 0, row = placeSums.Length;
        foreach (ref long block in blockSums.AsSpan())
        {
            long sum = 0;
            int column = at % row;
            foreach (ref long place in placeSums.AsSpan(column, Math.Min(length, row - column)))
            {
                int distance = distances[symbols[at++]];
                place += distance;
                sum += distance;
            }
            block = sum;
        }
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
        long step = samples >= ManySamples ? 1 << LogBits - 2 : samples >= SomeSamples ? 1 << LogBits - 1 : 1 << LogBits, all = 0, logs = 0, most = 0, least = long.MaxValue;
        var values = new long[sums.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            // The mean distance with 8 fractional bits, a sixteenth at least.
            long log = values[i] = octave > 0 ? (sums[i] << LogBits) / ((long)samples * octave) : FrequencyTable.Log2((ulong)((sums[i] << 8) / samples + 16));
            (all, logs, most, least) = (all + sums[i], logs + log, Math.Max(most, log), Math.Min(least, log));
        }
        least = Math.Max(least, most - (ClassLevels.MostLevels - 1) * step);
        var levels = Array.ConvertAll(values, v => (byte)((Math.Max(v, least) - least + step / 2) / step));
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

    private readonly (ClassModel Model, long Bits) Build(ClassLevels.View view, byte[]?[] levels, long levelBits, int block, int centre)
    {
        int most = levels.Sum(l => l?.Max() ?? 0);
        var counts = new int[most + 1][];
        foreach (ref var each in counts.AsSpan()) each = new int[symbolCount];
        Count(ClassLevels.ExtentsOf(view, dims), view == ClassLevels.View.Blocks ? block : int.MaxValue, levels, counts);

        // From one class for each sum, neighbours become one as long as that saves something.
        var parts = PartsOf(counts);
        var fits = parts.ConvertAll(p => ClassFit.Best(p.Counts, centre));
        var unions = new List<(int[] Counts, ClassFit Fit)>();
        for (int i = 0; i + 1 < parts.Count; i++) unions.Add(Union(parts[i].Counts, parts[i + 1].Counts, centre));
        while (parts.Count > 1)
        {
            int chosen = 0;
            long saved = long.MinValue;
            for (int i = 0; i < unions.Count; i++)
            {
                if (Saved(i) > saved) (chosen, saved) = (i, Saved(i));
            }
            if (saved <= 0 && parts.Count <= ClassLevels.MostClasses) break;
            parts[chosen] = (unions[chosen].Counts, parts[chosen + 1].Last);
            fits[chosen] = unions[chosen].Fit;
            parts.RemoveAt(chosen + 1);
            fits.RemoveAt(chosen + 1);
            unions.RemoveAt(chosen);
            if (chosen < unions.Count) unions[chosen] = Union(parts[chosen].Counts, parts[chosen + 1].Counts, centre);
            if (chosen > 0) unions[chosen - 1] = Union(parts[chosen - 1].Counts, parts[chosen].Counts, centre);
        }
        var classes = new byte[most + 1];
        for (int sum = 0, part = 0; sum <= most; sum++)
        {
            if (sum > parts[part].Last && part + 1 < parts.Count) part++;
            classes[sum] = (byte)part;
        }
        return (new(new(view, dims, block, levels, classes), [.. fits.Select(f => f.Table)]), levelBits + fits.Sum(f => f.Bits) + ((long)most << LogBits - 2));

        long Saved(int i) => fits[i].Bits + fits[i + 1].Bits - unions[i].Fit.Bits;
    }

    // Neighbouring sums together, so that each part has enough symbols for a table, and there are few.
    private readonly List<(int[] Counts, int Last)> PartsOf(int[][] counts)
    {
        int least = symbolCount > FewSymbols ? Math.Max(LeastPart, symbols.Length / MostParts) : 1;
        var parts = new List<(int[] Counts, int Last)>();
        var (sum, open) = (0L, new int[symbolCount]);
        for (int k = 0; k < counts.Length; k++)
        {
            for (int s = 0; s < open.Length; s++)
            {
                open[s] += counts[k][s];
                sum += counts[k][s];
            }
            if (sum < least && k + 1 < counts.Length) continue;
            if (sum > 0) parts.Add((open, k));
            (sum, open) = (0, new int[symbolCount]);
        }
        return parts;
    }

    private static (int[] Counts, ClassFit Fit) Union(int[] a, int[] b, int centre)
    {
        int[] counts = [.. a.Zip(b, (x, y) => x + y)];
        return (counts, ClassFit.Best(counts, centre));
    }

    private readonly void Count(int[] extents, int block, byte[]?[] levels, int[][] counts)
    {
        byte[] places = ClassLevels.PlacesOf(levels, extents);
        block = Math.Min(block, places.Length);
        for (int at = 0, k = 0; at < symbols.Length; k++)
        {
            int level = levels[0]?[k] ?? 0, column = at % places.Length;
            foreach (byte place in places.AsSpan(column, Math.Min(block, places.Length - column))) counts[level + place][symbols[at++]]++;
        }
    }
}

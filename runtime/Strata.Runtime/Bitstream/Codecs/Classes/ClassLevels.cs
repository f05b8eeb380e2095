using System.Buffers;
using Strata.Bitstream.Entropy;

namespace Strata.Bitstream.Codecs.Classes;

/// <summary>
/// Which class each symbol of a tensor belongs to: seen as [rows, columns, taps], the levels of its row, its column and its tap are added, and
/// each sum belongs to a class.
/// </summary>
internal sealed class ClassLevels
{
    /// <summary>Most classes, and most levels of an axis.</summary>
    public const int MostClasses = 16, MostLevels = 32;

    private const int ViewContext = 32, BlockContext = 33, LevelsContext = 34, ChainContext = 35, StepContext = 36, LevelContext = 40;

    private const long LearningBits = 2L << FrequencyTable.LogBits;

    private readonly View view;
    private readonly int[] extents;
    private readonly byte[]?[] levels; // of each axis; null where all are 0
    private readonly byte[] classes; // of each sum
    private readonly int block; // symbols of a row that share a level
    private byte[]? places;
    private byte[]?[]? rows; // by level of the row: the classes of its symbols

    /// <summary>Gives each place of the three axes of a view a level, and each sum of levels a class.</summary>
    public ClassLevels(View view, ReadOnlySpan<int> dims, int block, byte[]?[] levels, byte[] classes) 
    {
        (this.view, extents, this.levels, this.classes) = (view, ExtentsOf(view, dims), levels, classes);
        this.block = view == View.Blocks ? block : RowLength;
    }

    /// <summary>Everything in one class.</summary>
    public static ClassLevels None(ReadOnlySpan<int> dims) => new(View.Whole, dims, 0, [null, null, null], [0]);

    /// <summary>How the axes of a tensor, leading ones of extent 1 left out, become rows, columns and taps.</summary>
    public enum View
    {
        /// <summary>One class.</summary>
        Whole,
        /// <summary>The first axis; all others as one.</summary>
        Matrix,
        /// <summary>The first axis; the second; all others as one.</summary>
        Filters,
        /// <summary>The first axis; all others as one. Each block of a row has a level of its own.</summary>
        Blocks,
    }

    /// <summary>Rows, columns and taps of a view.</summary>
    public static int[] ExtentsOf(View view, ReadOnlySpan<int> dims)
    {
        int first = dims.IndexOfAnyExcept(1), count = Tensors.Tensor.CountOf(dims);
        dims = first < 0 ? [1] : dims[first..];
        int rows = dims[0], columns = dims.Length > 1 ? dims[1] : 1;
        return view switch
        {
            View.Whole => [1, count, 1],
            View.Matrix or View.Blocks => [rows, count / rows, 1],
            _ => [rows, columns, count / rows / columns],
        };
    }

    /// <summary>Number of classes.</summary>
    public int Count => classes[^1] + 1;

    private static int AxesOf(View view) => view switch { View.Whole => 0, View.Filters => 3, _ => 2 };

    private int RowLength => extents[1] * extents[2];

    /// <summary>The classes of symbols from one on; as many as the span holds.</summary>
    public void Fill(long first, Span<byte> target)
    {
        rows ??= new byte[levels[0] is { } all ? all.Max() + 1 : 1][];
        int row = RowLength, blocks = (row + block - 1) / block, column = (int)(first % row), at = (int)(first / row) * blocks + column / block;
        while (target.Length > 0)
        {
            int level = levels[0]?[at++] ?? 0, count = Math.Min(Math.Min(block - column % block, row - column), target.Length);
            (rows[level] ??= RowOf(level)).AsSpan(column, count).CopyTo(target);
            target = target[count..];
            column += count;
            if (column == row) column = 0;
        }
    }

    /// <summary>How often each symbol below a number occurs in each class.</summary>
    public int[][] CountsOf(ReadOnlySpan<byte> symbols, int symbolCount)
    {
        const int Some = 1 << 14;
        var counts = new int[Count << 8];
        byte[] some = ArrayPool<byte>.Shared.Rent(Some);
        for (int start = 0; start < symbols.Length; start += Some)
        {
            var own = symbols[start..Math.Min(symbols.Length, start + Some)];
            var classes = some.AsSpan(0, own.Length);
            Fill(start, classes);
            for (int i = 0; i < own.Length; i++) counts[classes[i] << 8 | own[i]]++;
        }
        ArrayPool<byte>.Shared.Return(some);
        var result = new int[Count][];
        for (int k = 0; k < result.Length; k++) result[k] = counts[(k << 8)..((k << 8) + symbolCount)];
        return result;
    }

    private byte[] RowOf(int level)
    {
        places ??= PlacesOf(levels, extents);
        var row = GC.AllocateUninitializedArray<byte>(places.Length);
        var own = classes.AsSpan(level);
        for (int p = 0; p < row.Length; p++) row[p] = own[places[p]];
        return row;
    }

    /// <summary>The sum of the levels of each place of a row.</summary>
    public static byte[] PlacesOf(byte[]?[] levels, int[] extents)
    {
        var (columns, taps) = (levels[1], levels[2]);
        if (extents[2] == 1 && columns is not null && taps is null) return columns;
        var places = new byte[extents[1] * extents[2]];
        if (columns is null && taps is null) return places;
        for (int c = 0, at = 0; c < extents[1]; c++)
        {
            int sum = columns?[c] ?? 0;
            for (int t = 0; t < extents[2]; t++) places[at++] = (byte)(sum + (taps?[t] ?? 0));
        }
        return places;
    }

    /// <summary>The description, for a tensor with at least one element.</summary>
    /// <exception cref="StrataFormatException">It is none.</exception>
    public static void Walk(IntegerSyntax s, ReadOnlySpan<int> dims, ref ClassLevels? value)
    {
        int view = (int)(value?.view ?? 0);
        s.Unsigned(ViewContext, ref view, (int)View.Blocks);
        int[] extents = ExtentsOf((View)view, dims);
        int block = value?.block ?? 0;
        if ((View)view == View.Blocks)
        {
            int more = block - 1;
            s.Unsigned(BlockContext, ref more, extents[1] - 1);
            block = more + 1;
            extents[0] *= (extents[1] + more) / block;
        }
        var levels = value?.levels ?? new byte[]?[3];
        int most = 0;
        for (int axis = 0; axis < AxesOf((View)view); axis++)
        {
            WalkAxis(s, extents[axis], ref levels[axis]);
            most += levels[axis]?.Max() ?? 0;
        }
        var classes = value?.classes ?? new byte[most + 1];
        for (int sum = 1; sum <= most; sum++)
        {
            int step = classes[sum] - classes[sum - 1];
            s.Unsigned(StepContext, ref step, 1);
            classes[sum] = (byte)(classes[sum - 1] + step);
        }
        if (classes[^1] >= MostClasses) throw new StrataFormatException($"a tensor's description has {classes[^1] + 1} classes, allowed are {MostClasses}");
        value = s.IsReading ? new((View)view, dims, block, levels, classes) : value;
    }

    // The highest level; where that is not 0, whether levels are coded under the one before, and the levels.
    private static void WalkAxis(IntegerSyntax s, int extent, ref byte[]? levels)
    {
        int most = levels?.Max() ?? 0, chain = 0;
        s.Unsigned(LevelsContext, ref most, MostLevels - 1);
        if (most == 0)
        {
            levels = null;
            return;
        }
        if (!s.IsReading) chain = BitsOf(levels!, true) < BitsOf(levels!, false) ? 1 : 0;
        s.Unsigned(ChainContext, ref chain, 1);
        levels ??= new byte[extent];
        WalkLevels(s, levels, most, chain != 0);
        if (s.IsReading && levels.Max() != most) throw new StrataFormatException($"a level {most} of a tensor's description does not occur");
    }

    private static void WalkLevels(IntegerSyntax s, byte[] levels, int most, bool isChain)
    {
        int before = 0;
        foreach (ref byte each in levels.AsSpan())
        {
            int level = each;
            s.Unsigned(isChain ? LevelContext + 1 + before : LevelContext, ref level, most);
            each = (byte)level;
            before = level;
        }
    }

    /// <summary>About what levels take, in bits with 16 fractional ones.</summary>
    public static long BitsOf(byte[] levels) => Math.Min(BitsOf(levels, isChain: false), BitsOf(levels, isChain: true));

    // The entropy of levels, alone or under the one before, and what it takes to learn how often each occurs.
    private static long BitsOf(byte[] levels, bool isChain)
    {
        int rows = isChain ? MostLevels : 1, before = 0;
        Span<int> counts = stackalloc int[rows * MostLevels];
        counts.Clear();
        foreach (byte level in levels)
        {
            counts[before + level]++;
            if (isChain) before = level * MostLevels;
        }
        long bits = 0;
        for (; !counts.IsEmpty; counts = counts[MostLevels..])
        {
            long all = 0, kinds = 0;
            foreach (int count in counts[..MostLevels])
            {
                if (count == 0) continue;
                all += count;
                kinds++;
                bits -= count * CoarseLog.Of(count);
            }
            bits += all * CoarseLog.Of(all) + kinds * (LearningBits + CoarseLog.Of(all) / 2);
        }
        return bits;
    }
}

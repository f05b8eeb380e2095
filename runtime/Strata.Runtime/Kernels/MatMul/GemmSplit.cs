namespace Strata.Kernels.MatMul;

/// <summary>
/// How a batch of products is dealt out to parts: by batch elements, then by blocks of rows or columns. It follows from the
/// shapes alone, so that no result depends on the number of threads.
/// </summary>
internal sealed class GemmSplit
{
    // Nanoseconds of one thread that are worth handing to another one, and rough speeds to estimate them by.
    private const double PartCost = 20_000, MultiplyAddsPerNanosecond = 60, BytesPerNanosecond = 20;
    private const int MostParts = 16;
    // Tiles along the other axis that pay for packing an operand, or for fetching it from a far cache, once more.
    private const int PackedReuse = 8, ThinReuse = 2, FarReuse = 18, NearBytes = 512 * 1024;

    private readonly int rows, rowStep, rowParts, columnParts, batchStep, batch;
    private readonly long columns, columnStep;

    /// <summary>Deals out <paramref name="batch"/> products of rows × k times k × columns.</summary>
    /// <param name="batch">Number of products.</param>
    /// <param name="rows">Rows of a product.</param>
    /// <param name="k">Length of its sums.</param>
    /// <param name="columns">Columns of a product.</param>
    /// <param name="rowGrain">Rows of a tile.</param>
    /// <param name="columnGrain">Columns of a tile.</param>
    /// <param name="packsRows">True when each block of columns would pack the rows again.</param>
    /// <param name="packsColumns">True when each block of rows would pack the columns again.</param>
    public GemmSplit(int batch, int rows, long k, long columns, int rowGrain, int columnGrain, bool packsRows, bool packsColumns)
    {
        (this.batch, this.rows, this.columns) = (batch, rows, columns);
        double cost = Math.Max((double)rows * k * columns / MultiplyAddsPerNanosecond, sizeof(float) * (double)k * columns / BytesPerNanosecond);
        int wanted = (int)Math.Clamp(cost * batch / PartCost, 1, MostParts), perProduct = (wanted + Math.Max(batch, 1) - 1) / Math.Max(batch, 1);
        long rowReuse = packsColumns ? PackedReuse : Math.Clamp(sizeof(float) * k * columns / NearBytes, ThinReuse, FarReuse), columnReuse = packsRows && rows > ThinReuse * rowGrain ? PackedReuse : ThinReuse;
        int byRows = (int)Math.Clamp(rows / (rowGrain * rowReuse), 1, perProduct), byColumns = (int)Math.Clamp(columns / (columnGrain * columnReuse), 1, perProduct);
        bool cutsRows = packsColumns ? byRows > byColumns : byRows >= byColumns;
        (rowStep, rowParts) = cutsRows ? Blocks(rows, rowGrain, byRows) : (rows, 1);
        (long step, columnParts) = cutsRows ? (columns, 1) : Blocks(columns, columnGrain, byColumns);
        columnStep = step;
        batchStep = rowParts * columnParts > 1 ? 1 : (batch + wanted - 1) / wanted;
        Parts = Math.Max(1, (batch + batchStep - 1) / Math.Max(batchStep, 1) * rowParts * columnParts);
    }

    /// <summary>Number of parts.</summary>
    public int Parts { get; }

    /// <summary>The loops of all row blocks but the last, and of the last.</summary>
    public (GemmLoop Block, GemmLoop Last) Loops(long k, RowTiling tiling, float least, float most, Epilogue epilogue)
    {
        var (block, last) = RowBlocks(tiling);
        return (new(block.Rows, k, block.Tiling, least, most, epilogue), new(last.Rows, k, last.Tiling, least, most, epilogue));
    }

    /// <summary>The rows of all row blocks but the last, and of the last, with the tiles they are cut into.</summary>
    public ((int Rows, RowTiling Tiling) Block, (int Rows, RowTiling Tiling) Last) RowBlocks(RowTiling tiling)
    {
        int last = (rowParts - 1) * rowStep;
        return ((rowStep, tiling.Slice(0, rowStep, rowParts == 1)), (rows - last, tiling.Slice(last, rows - last, toEnd: true)));
    }

    /// <summary>What a part computes: products from First to Last, and in each of them rows from Row on and columns [Column, End).</summary>
    public readonly record struct Part(int First, int Last, int Row, bool IsLastRow, long Column, long End);

    /// <summary>A part by number.</summary>
    public Part this[int index]
    {
        get
        {
            int column = index % columnParts, row = index / columnParts % rowParts, first = index / columnParts / rowParts * batchStep;
            return new(first, Math.Min(batch, first + batchStep), row * rowStep, row == rowParts - 1, column * columnStep, Math.Min(columns, (column + 1) * columnStep));
        }
    }

    private static (T Step, int Count) Blocks<T>(T extent, int grain, int wanted) where T : System.Numerics.IBinaryInteger<T>
    {
        if (extent == T.Zero) return (extent, 1);
        T grains = (extent + T.CreateChecked(grain - 1)) / T.CreateChecked(grain), each = (grains + T.CreateChecked(wanted - 1)) / T.CreateChecked(wanted);
        T step = T.Min(each * T.CreateChecked(grain), extent);
        return (step, int.CreateChecked((extent + step - T.One) / step));
    }
}

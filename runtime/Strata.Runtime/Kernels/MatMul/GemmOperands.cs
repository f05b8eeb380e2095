namespace Strata.Kernels.MatMul;

/// <summary>Rows of the left operand: packed as a whole (<paramref name="rowStride"/> 0), or a matrix that is packed block by block.</summary>
internal readonly unsafe struct GemmRows(float* address, long rowStride = 0, long kStride = 1, float scale = 1)
{
    public float* Address => address;
    public long RowStride => rowStride;
    public long KStride => kStride;
    public float Scale => scale;
    public bool ArePacked => rowStride == 0;
}

/// <summary>What the sums start from: <c>factor · address[row · rowStride + column · columnStride]</c>, or zero when the address is null.</summary>
internal readonly unsafe struct GemmStart(float* address, long rowStride = 0, long columnStride = 0, float factor = 1)
{
    public float* Address => address;
    public long RowStride => rowStride;
    public long ColumnStride => columnStride;
    public float Factor => factor;

    /// <summary>True when a tile can be read as it is.</summary>
    public bool IsDirect => columnStride == 1 && factor == 1;

    public GemmStart At(long row, long column) => address is null ? this : new(address + row * rowStride + column * columnStride, rowStride, columnStride, factor);
}

/// <summary>Where results go: rows <paramref name="stride"/> apart, the first at position <paramref name="offset"/> of the output.</summary>
internal readonly unsafe struct GemmTarget(float* address, long stride, long offset)
{
    public float* Address => address;
    public long Stride => stride;
    public long Offset => offset;
}

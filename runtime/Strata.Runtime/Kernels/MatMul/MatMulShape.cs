using Strata.Operators;

namespace Strata.Kernels.MatMul;

/// <summary>A batch of products <c>scale · a · b</c> of strided matrices, with all sizes checked against those of the operands.</summary>
internal sealed class MatMulShape
{
    private readonly long[]? offsetsA, offsetsB;

    private MatMulShape(int batch, int rows, long k, long columns, long[]? offsetsA, long[]? offsetsB)
    {
        (Batch, Rows, K, Columns, this.offsetsA, this.offsetsB) = (batch, rows, k, columns, offsetsA, offsetsB);
        (RowStride, KStrideA, KStrideB, ColumnStride) = (k, 1, columns, 1);
    }

    public int Batch { get; }
    public int Rows { get; }
    public long K { get; }
    public long Columns { get; }
    public long RowStride { get; private init; }
    public long KStrideA { get; private init; }
    public long KStrideB { get; private init; }
    public long ColumnStride { get; private init; }
    public float Scale { get; private init; } = 1;
    public int OutputIndex { get; private init; }

    /// <summary>True when products have right operands of their own.</summary>
    public bool HasBatchedColumns => offsetsB is not null;

    /// <summary>Position of a product's left operand.</summary>
    public long OffsetA(int product) => offsetsA is null ? 0 : offsetsA[product];

    /// <summary>Position of a product's right operand.</summary>
    public long OffsetB(int product) => offsetsB is null ? 0 : offsetsB[product];

    /// <summary>The products of a layer; null when operands and result do not fit together.</summary>
    public static MatMulShape? Of(KernelRequest request) => request.Operator is Gemm gemm ? OfGemm(request, gemm) : OfMatMul(request);

    private static MatMulShape? OfGemm(KernelRequest request, Gemm gemm)
    {
        int[] a = request.Input(0).Dims, b = request.Input(1).Dims, c = request.Output.Dims;
        if (a.Length != 2 || b.Length != 2 || c.Length != 2) return null;
        var (rows, k) = gemm.TransA ? (a[1], a[0]) : (a[0], a[1]);
        var (depth, columns) = gemm.TransB ? (b[1], b[0]) : (b[0], b[1]);
        if (k != depth || c[0] != rows || c[1] != columns) return null;
        return new(1, rows, k, columns, null, null)
        {
            RowStride = gemm.TransA ? 1 : k,
            KStrideA = gemm.TransA ? rows : 1,
            KStrideB = gemm.TransB ? 1 : columns,
            ColumnStride = gemm.TransB ? k : 1,
            Scale = gemm.Alpha,
            OutputIndex = request.OutputIndex(),
        };
    }

    private static MatMulShape? OfMatMul(KernelRequest request)
    {
        int[] a = request.Input(0).Dims, b = request.Input(1).Dims;
        if (a.Length == 0 || b.Length == 0) return null;
        int rows = a.Length > 1 ? a[^2] : 1, columns = b.Length > 1 ? b[^1] : 1, k = a[^1];
        if (k != b[Math.Max(b.Length - 2, 0)]) return null;
        int[] batchA = a.Length > 2 ? a[..^2] : [], batchB = b.Length > 2 ? b[..^2] : [];
        var batch = new int[Math.Max(batchA.Length, batchB.Length)];
        for (int d = 0; d < batch.Length; d++)
        {
            int x = Extent(batchA, d, batch.Length), y = Extent(batchB, d, batch.Length);
            if (x != y && x != 1 && y != 1) return null;
            batch[d] = x == 1 ? y : x;
        }
        int count = Tensors.Tensor.CountOf(batch);
        if (request.Output.Count != (long)count * rows * columns) return null;
        bool oneB = Tensors.Tensor.CountOf(batchB) == 1;
        // Products that share the right operand are one product with all their rows.
        if (oneB && Tensors.Tensor.CountOf(batchA) == count && (long)count * rows <= int.MaxValue) return new(1, count * rows, k, columns, null, null) { OutputIndex = request.OutputIndex() };
        return new(count, rows, k, columns, Offsets(batchA, batch, (long)rows * k), oneB ? null : Offsets(batchB, batch, (long)k * columns)) { OutputIndex = request.OutputIndex() };
    }

    private static int Extent(int[] dims, int axis, int rank) => axis < rank - dims.Length ? 1 : dims[axis - rank + dims.Length];

    private static long[] Offsets(int[] dims, int[] batch, long size)
    {
        var offsets = new long[Tensors.Tensor.CountOf(batch)];
        for (int i = 0; i < offsets.Length; i++)
        {
            long at = 0, stride = size;
            for (int d = batch.Length - 1, rest = i; d >= 0; rest /= batch[d--])
            {
                int extent = Extent(dims, d, batch.Length);
                if (extent > 1) at += rest % batch[d] * stride;
                stride *= extent;
            }
            offsets[i] = at;
        }
        return offsets;
    }
}

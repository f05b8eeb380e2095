using Strata.Tensors;

namespace Strata.Kernels.Attention;

/// <summary>Distances in elements between the rows of <c>[batch, heads, rows, size]</c>, whose rows are dense.</summary>
internal readonly record struct HeadStrides(long Batch, long Head, long Row)
{
    /// <summary>Where a head of a batch row begins.</summary>
    public long At(int batch, int head) => batch * Batch + head * Head;

    /// <summary>Heads one after the other.</summary>
    public static HeadStrides ByHead(long heads, long rows, long size) => new(heads * rows * size, rows * size, size);

    /// <summary>The heads of each row side by side.</summary>
    public static HeadStrides ByRow(long heads, long rows, long size) => new(heads * rows * size, size, heads * size);
}

/// <summary>
/// <see cref="Operators.Attention"/> with concrete, checked sizes: queries <c>[Batch, Heads, Rows, Size]</c>, keys <c>[Batch,
/// KvHeads, Total, Size]</c> of which <see cref="Past"/> come first, values <c>[Batch, KvHeads, Total, ValueSize]</c>.
/// </summary>
internal sealed record AttentionShape
{
    public required int Batch { get; init; }
    public required int Heads { get; init; }
    public required int KvHeads { get; init; }
    public required int Rows { get; init; }
    public required int Past { get; init; }
    public required int Fresh { get; init; }
    public required int Size { get; init; }
    public required int ValueSize { get; init; }
    public required HeadStrides Query { get; init; }
    public required HeadStrides FreshKeys { get; init; }
    public required HeadStrides FreshValues { get; init; }
    public required HeadStrides Result { get; init; }

    /// <summary>Distances of the mask's elements along batch, heads, rows and columns; 0 where it repeats.</summary>
    public long[] Mask { get; private init; } = [0, 0, 0, 0];

    /// <summary>Keys from here on are excluded by the mask's end.</summary>
    public int MaskEnd { get; private init; } = int.MaxValue;

    /// <summary>Keys.</summary>
    public int Total => Past + Fresh;

    /// <summary>Past, then new keys where they are written as one.</summary>
    public HeadStrides Keys => HeadStrides.ByHead(KvHeads, Total, Size);

    /// <summary>Past, then new values where they are written as one.</summary>
    public HeadStrides Values => HeadStrides.ByHead(KvHeads, Total, ValueSize);

    /// <summary>The attention of a layer; null when its sizes do not fit together.</summary>
    public static AttentionShape? Of(KernelRequest request)
    {
        var op = (Operators.Attention)request.Operator;
        int[] q = request.Input(0).Dims, k = request.Input(1).Dims, v = request.Input(2).Dims;
        if (q.Length is not (3 or 4) || k.Length != q.Length || v.Length != q.Length) return null;
        if (Split(q, op.QNumHeads) is not { } queries || Split(k, op.KvNumHeads) is not { } keys || Split(v, op.KvNumHeads) is not { } values) return null;
        int past = request.Has(4) ? request.Input(4).Dims[2] : 0;
        if (queries.Size == 0 || keys.Heads == 0 || queries.Heads % keys.Heads != 0) return null;
        if (keys.Batch != queries.Batch || values.Batch != queries.Batch || keys.Heads != values.Heads || keys.Size != queries.Size || keys.Rows != values.Rows) return null;
        if (request.Has(4) && !(request.Input(4).Dims.AsSpan().SequenceEqual([keys.Batch, keys.Heads, past, keys.Size]) && request.Has(5) && request.Input(5).Dims.AsSpan().SequenceEqual([keys.Batch, keys.Heads, past, values.Size]))) return null;
        if (request.Has(6) && request.Input(6).Count != queries.Batch) return null;
        var shape = new AttentionShape
        {
            Batch = queries.Batch, Heads = queries.Heads, KvHeads = keys.Heads, Rows = queries.Rows, Past = past, Fresh = keys.Rows, Size = queries.Size, ValueSize = values.Size,
            Query = queries.Strides, FreshKeys = keys.Strides, FreshValues = values.Strides,
            Result = q.Length == 4 ? HeadStrides.ByHead(queries.Heads, queries.Rows, values.Size) : HeadStrides.ByRow(queries.Heads, queries.Rows, values.Size),
        };
        if ((long)past + keys.Rows > int.MaxValue / 2) return null;
        return request.Has(3) ? WithMask(shape, request.Input(3).Dims) : shape;
    }

    private static (int Batch, int Heads, int Rows, int Size, HeadStrides Strides)? Split(int[] dims, long? heads)
    {
        if (dims.Length == 4) return (dims[0], dims[1], dims[2], dims[3], HeadStrides.ByHead(dims[1], dims[2], dims[3]));
        if (heads is not > 0 || dims[2] % heads.Value != 0) return null;
        int count = (int)heads.Value, size = dims[2] / count;
        return (dims[0], count, dims[1], size, HeadStrides.ByRow(count, dims[1], size));
    }

    private static AttentionShape? WithMask(AttentionShape shape, int[] mask)
    {
        if (mask.Length > 4) return null;
        int columns = mask.Length > 0 && mask[^1] != 1 ? Math.Min(mask[^1], shape.Total) : shape.Total;
        if (mask.Length > 0 && mask[^1] > columns) return null;
        int[] covered = [shape.Batch, shape.Heads, shape.Rows, columns];
        var strides = new long[4];
        long stride = 1;
        for (int d = 3, at = mask.Length - 1; at >= 0; d--, at--)
        {
            if (mask[at] != 1 && mask[at] != covered[d]) return null;
            strides[d] = mask[at] == 1 ? 0 : stride;
            stride *= mask[at];
        }
        return shape with { Mask = strides, MaskEnd = columns };
    }
}

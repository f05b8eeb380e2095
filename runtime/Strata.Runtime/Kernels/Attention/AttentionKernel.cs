using Strata.Kernels.MatMul;
using Strata.Kernels.Normalization;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Attention;

/// <summary>
/// f32 <see cref="Operators.Attention"/> in blocks of queries times blocks of keys with a running softmax: scores never leave the
/// caches, unless somebody wants them. First past and new keys and values are joined where that is needed, then keys are
/// packed for the products of queries, then each block of queries of a head is a part. Blocks of keys that no query of a
/// part may attend to are not read.
/// </summary>
internal sealed unsafe class AttentionKernel<V> : IKernel where V : struct, ISimd<V>
{
    private const int RowBlock = 96, KeyBlock = 256, ThinRows = 3;
    private const int Joining = 0, Packing = 1;

    private readonly Operators.Attention op;
    private readonly AttentionShape shape;
    private readonly AttentionBuffers places;
    private readonly bool isThin;
    private readonly float scale;
    private readonly int rowBlock, rowBlocks, keyBlock, lastRows;
    private readonly long keysAt, valuesAt, packedAt, packedHead, gemmScratch;
    private readonly GemmLoop[] scoreLoops; // of a whole block of rows, and of the last
    private readonly GemmLoop[] valueLoops; // the same, times a whole block of keys, and the last

    private AttentionKernel(KernelRequest request, AttentionShape shape)
    {
        (op, this.shape, places) = ((Operators.Attention)request.Operator, shape, new AttentionBuffers(request));
        scale = op.Scale ?? (float)(1 / Math.Sqrt(shape.Size));
        isThin = shape.Rows <= ThinRows;
        rowBlock = Math.Clamp(shape.Rows, 1, RowBlock);
        rowBlocks = (shape.Rows + rowBlock - 1) / rowBlock;
        lastRows = shape.Rows - Math.Max(rowBlocks - 1, 0) * rowBlock;
        keyBlock = places.Scores >= 0 || !op.Stretch.IsEmpty ? Math.Max(shape.Total, 1) : Math.Clamp(shape.Total, 1, KeyBlock); // scores that are shown, and those whose sum must be known, come in one piece
        int lastKeys = shape.Total - (shape.Total - 1) / keyBlock * keyBlock;
        scoreLoops = [Loop(rowBlock, shape.Size), Loop(lastRows, shape.Size)];
        valueLoops = [Loop(rowBlock, keyBlock), Loop(rowBlock, lastKeys), Loop(lastRows, keyBlock), Loop(lastRows, lastKeys)];
        gemmScratch = isThin ? 0 : Line(scoreLoops.Concat(valueLoops).Max(l => l.Scratch<V>(true, true)));
        ScratchBytes = sizeof(float) * (gemmScratch + Line((long)rowBlock * keyBlock) + Line((long)rowBlock * shape.ValueSize) + 2 * Line(rowBlock));
        long at = 0;
        keysAt = Take(places.JoinsKeys && places.Keys < 0 ? shape.Batch * shape.Keys.Batch : 0);
        valuesAt = Take(places.JoinsValues && places.Values < 0 ? shape.Batch * shape.Values.Batch : 0);
        packedHead = Line(shape.Size * GemmPacking.PaddedColumns<V>(shape.Total));
        packedAt = Take(isThin ? 0 : shape.Batch * shape.KvHeads * packedHead);
        SharedBytes = sizeof(float) * at;

        long Take(long count) => (at += Line(count)) - Line(count);
    }

    /// <summary>True for f32 with a mask of bool or f32, if any.</summary>
    public static bool Supports(KernelRequest request)
    {
        for (int i = 0; i < request.Inputs.Count; i++)
        {
            var type = request.Inputs[i]?.Type;
            if (type is null or ElementType.Float32 || i == 3 && type == ElementType.Bool || i == 6 && type == ElementType.Int64) continue;
            return false;
        }
        return request.Outputs.All(o => o is null || o.Type == ElementType.Float32) && AttentionShape.Of(request) is not null;
    }

    /// <summary>Makes the kernel.</summary>
    public static IKernel Create(KernelRequest request) => new AttentionKernel<V>(request, AttentionShape.Of(request)!);

    /// <inheritdoc/>
    public int Phases => 3;

    /// <inheritdoc/>
    public long SharedBytes { get; }

    /// <inheritdoc/>
    public long ScratchBytes { get; }

    /// <inheritdoc/>
    public int Parts(int phase) => Math.Max(1, phase switch
    {
        Joining => places.JoinsKeys || places.JoinsValues ? shape.Batch * shape.KvHeads : 0,
        Packing => isThin ? 0 : shape.Batch * shape.KvHeads,
        _ => shape.Batch * shape.Heads * rowBlocks,
    });

    /// <inheritdoc/>
    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        if (phase == Joining)
        {
            if (places.JoinsKeys && part < shape.Batch * shape.KvHeads) Join(part, buffers.F32(AttentionBuffers.PastKeys), buffers.F32(AttentionBuffers.FreshKeys), shape.FreshKeys, shape.Size, Keys(buffers).Address);
            if (places.JoinsValues && part < shape.Batch * shape.KvHeads) Join(part, buffers.F32(AttentionBuffers.PastValues), buffers.F32(AttentionBuffers.FreshValues), shape.FreshValues, shape.ValueSize, Values(buffers).Address);
        }
        else if (phase == Packing)
        {
            if (isThin || part >= shape.Batch * shape.KvHeads) return;
            var source = Keys(buffers);
            GemmPacking.Columns<V>(source.At(part / shape.KvHeads, part % shape.KvHeads), 1, source.RowStride, shape.Size, shape.Total, (float*)buffers.Shared + packedAt + part * packedHead);
        }
        else if (shape.Rows > 0 && part < shape.Batch * shape.Heads * rowBlocks) Attend(part / rowBlocks / shape.Heads, part / rowBlocks % shape.Heads, part % rowBlocks, buffers);
    }

    private Source Keys(in KernelBuffers buffers) => !places.JoinsKeys ? new(buffers.F32(AttentionBuffers.FreshKeys), shape.FreshKeys)
        : new(places.Keys >= 0 ? buffers.F32(places.Keys) : (float*)buffers.Shared + keysAt, shape.Keys);

    private Source Values(in KernelBuffers buffers) => !places.JoinsValues ? new(buffers.F32(AttentionBuffers.FreshValues), shape.FreshValues)
        : new(places.Values >= 0 ? buffers.F32(places.Values) : (float*)buffers.Shared + valuesAt, shape.Values);

    private void Join(int head, float* past, float* fresh, HeadStrides strides, int size, float* to)
    {
        to += (long)head * shape.Total * size;
        long before = (long)shape.Past * size;
        if (before > 0) Buffer.MemoryCopy(past + head * before, to, sizeof(float) * before, sizeof(float) * before);
        to += before;
        fresh += strides.At(head / shape.KvHeads, head % shape.KvHeads);
        for (int i = 0; i < shape.Fresh; i++, fresh += strides.Row, to += size) new Span<float>(fresh, size).CopyTo(new(to, size));
    }

    private void Attend(int batch, int head, int block, in KernelBuffers buffers)
    {
        int row = block * rowBlock, rows = block == rowBlocks - 1 ? lastRows : rowBlock, kvHead = head / (shape.Heads / shape.KvHeads);
        float* scores = (float*)buffers.Scratch + gemmScratch, sums = scores + Line((long)rowBlock * keyBlock), largest = sums + Line((long)rowBlock * shape.ValueSize), totals = largest + Line(rowBlock);
        new Span<float>(sums, rows * shape.ValueSize).Clear();
        new Span<float>(largest, rows).Fill(float.NegativeInfinity);
        new Span<float>(totals, rows).Clear();
        var limits = new AttentionLimits(op, shape, places.Valid < 0 ? null : buffers.Get<long>(places.Valid) + batch);
        int first = 0, end = shape.Total;
        if (places.Scores < 0) (first, end) = (limits.Begin(row) / keyBlock * keyBlock, limits.End(row + rows - 1));
        float* q = buffers.F32(0) + shape.Query.At(batch, head) + row * shape.Query.Row;
        Source allKeys = Keys(buffers), allValues = Values(buffers);
        long keyStride = allKeys.RowStride, valueStride = allValues.RowStride;
        float* keys = allKeys.At(batch, kvHead), values = allValues.At(batch, kvHead);
        float* packed = (float*)buffers.Shared + packedAt + ((long)batch * shape.KvHeads + kvHead) * packedHead;
        for (int key = first; key < end; key += keyBlock)
        {
            int count = Math.Min(keyBlock, shape.Total - key);
            if (isThin)
            {
                for (int i = 0; i < rows; i++) AttentionLoops<V>.Dots(q + i * shape.Query.Row, keys + key * keyStride, keyStride, count, shape.Size, scale, scores + (long)i * keyBlock);
            }
            else
            {
                ref readonly var product = ref scoreLoops[rows == rowBlock ? 0 : 1];
                product.Run<V, PackedPanels>(new(q, shape.Query.Row, 1, scale), new(packed, shape.Size), key, key + count, default, new(scores - key, keyBlock, 0), (float*)buffers.Scratch, buffers);
            }
            for (int i = 0; i < rows; i++) Weigh(batch, head, row + i, key, count, limits, scores + (long)i * keyBlock, sums + (long)i * shape.ValueSize, largest + i, totals + i, buffers);
            if (op.Stretch is [float low, float high])
            {
                for (int i = 0; i < rows; i++)
                {
                    if (totals[i] == 0) continue;
                    AttentionLoops<V>.Stretch(scores + (long)i * keyBlock, count, totals[i], low, high);
                    totals[i] = 1;
                }
            }
            if (isThin)
            {
                for (int i = 0; i < rows; i++) AttentionLoops<V>.AddWeighted(scores + (long)i * keyBlock, values + key * valueStride, valueStride, count, shape.ValueSize, sums + (long)i * shape.ValueSize);
            }
            else
            {
                ref readonly var product = ref valueLoops[(rows == rowBlock ? 0 : 2) + (count == keyBlock ? 0 : 1)];
                product.Run<V, StridedPanels>(new(scores, keyBlock), new(values + key * valueStride, valueStride, 1, shape.ValueSize), 0, shape.ValueSize,
                    key == first ? default : new(sums, shape.ValueSize, 1), new(sums, shape.ValueSize, 0), (float*)buffers.Scratch, buffers);
            }
        }
        float* y = places.Result < 0 ? null : buffers.F32(places.Result);
        for (int i = 0; i < rows; i++)
        {
            float factor = totals[i] == 0 ? 0 : 1 / totals[i]; // nothing to attend to gives zeros
            if (y is not null) SoftmaxLoops<V>.Scale(sums + (long)i * shape.ValueSize, y + shape.Result.At(batch, head) + (row + i) * shape.Result.Row, shape.ValueSize, factor);
            if (places.Scores < 0 || op.QkMatmulOutputMode != AttentionScores.Probabilities || shape.Total == 0) continue;
            SoftmaxLoops<V>.Scale(scores + (long)i * keyBlock, Shown(batch, head, row + i, buffers), shape.Total, factor);
        }
    }

    // Scores of one query with some keys to their exponentials; the sums so far are brought to the new scale.
    private void Weigh(int batch, int head, int row, int key, int count, in AttentionLimits limits, float* scores, float* sums, float* largest, float* total, in KernelBuffers buffers)
    {
        Show(AttentionScores.Raw, buffers);
        if (op.Softcap > 0) AttentionLoops<V>.Cap(scores, count, op.Softcap);
        Show(AttentionScores.Capped, buffers);
        int begin = Math.Clamp(limits.Begin(row) - key, 0, count), end = Math.Clamp(limits.End(row) - key, begin, count);
        if (places.HasMask) Mask(batch, head, row, key + begin, end - begin, scores + begin, buffers);
        new Span<float>(scores, begin).Fill(float.NegativeInfinity);
        new Span<float>(scores + end, count - end).Fill(float.NegativeInfinity);
        Show(AttentionScores.Biased, buffers);

        float most = Math.Max(*largest, SoftmaxLoops<V>.Largest(scores, count));
        float shift = float.IsNegativeInfinity(most) ? 0 : most, rescale = MathF.Exp(*largest - shift); // −∞ or NaN alone stay what they are
        if (*largest != most) SoftmaxLoops<V>.Scale(sums, sums, shape.ValueSize, rescale);
        double sum = *largest == most ? *total : *total * rescale;
        for (int i = 0; i < count; i += RowSums<V>.Block) sum += SoftmaxLoops<V>.Exponentials(scores + i, scores + i, Math.Min(RowSums<V>.Block, count - i), shift);
        (*largest, *total) = (most, (float)sum);

        void Show(AttentionScores stage, in KernelBuffers all)
        {
            if (places.Scores >= 0 && op.QkMatmulOutputMode == stage) new Span<float>(scores, count).CopyTo(new(Shown(batch, head, row, all) + key, count));
        }
    }

    private float* Shown(int batch, int head, int row, in KernelBuffers buffers) => buffers.F32(places.Scores) + (((long)batch * shape.Heads + head) * shape.Rows + row) * shape.Total;

    private void Mask(int batch, int head, int row, int key, int count, float* scores, in KernelBuffers buffers)
    {
        long at = batch * shape.Mask[0] + head * shape.Mask[1] + row * shape.Mask[2] + key * shape.Mask[3];
        if (places.MaskIsFlags)
        {
            byte* flags = buffers.Get<byte>(AttentionBuffers.Mask) + at;
            if (shape.Mask[3] != 0) AttentionLoops<V>.Exclude(scores, flags, count);
            else if (count > 0 && *flags == 0) new Span<float>(scores, count).Fill(float.NegativeInfinity);
            return;
        }
        float* addend = buffers.F32(AttentionBuffers.Mask) + at;
        if (shape.Mask[3] != 0) AttentionLoops<V>.Add(scores, addend, count);
        else
        {
            for (int i = 0; i < count; i++) AttentionLoops<V>.Add(scores + i, addend, 1);
        }
    }

    private static GemmLoop Loop(int rows, int k) => new(rows, k, RowTiling.For(rows, GemmTiles<V>.RowCounts), float.NegativeInfinity, float.PositiveInfinity, Epilogue.None);

    private static long Line(long count) => (count + 15) / 16 * 16;

    private readonly struct Source(float* address, HeadStrides strides)
    {
        public float* Address => address;
        public long RowStride => strides.Row;

        public float* At(int batch, int head) => address + strides.At(batch, head);
    }
}

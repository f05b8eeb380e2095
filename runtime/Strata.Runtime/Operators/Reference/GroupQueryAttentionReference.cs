using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="GroupQueryAttention"/> in binary64.</summary>
internal static class GroupQueryAttentionReference
{
    public static IReadOnlyList<RuntimeValue?> Evaluate(GroupQueryAttention op, ReferenceContext context)
    {
        var query = context[0];
        int heads = (int)op.NumHeads, shared = (int)op.KvNumHeads, parts = context.Has(1) ? heads : heads + 2 * shared;
        if (query.Rank != 3 || query.Dims[2] % parts != 0) throw ReferenceContext.Fail($"{query} does not hold {parts} heads");
        int batch = query.Dims[0], length = query.Dims[1], size = query.Dims[2] / parts;
        long[] last = context[5].ToInt64s();
        long total = context[6].Count == 1 ? context[6].ToInt64s()[0] : throw ReferenceContext.Fail($"the total length must be one number, is {context[6]}");
        if (last.Length != batch || last.Any(l => l < 0 || l >= total) || total < 1 || total > int.MaxValue) throw ReferenceContext.Fail($"last positions must be {batch} numbers from 0 to {total - 1}");

        // New queries, keys and values as [batch, length, heads, size].
        double[] q = query.ToDoubles(), k, v;
        if (context.Has(1)) (k, v) = (Packed(context[1], shared), Packed(context[2], shared));
        else (q, k, v) = (Part(q, 0, heads), Part(q, heads, shared), Part(q, heads + shared, shared));
        int pastLength = context.Tensor(3) is { Rank: 4 } past ? past.Dims[2] : 0, capacity = Math.Max(pastLength, (int)total);
        bool first = length == total;
        long Before(int b) => first ? 0 : last[b] + 1 - length;
        for (int b = 0; b < batch; b++)
        {
            if (Before(b) < 0 || Before(b) > pastLength && !first || Before(b) + length > capacity) throw ReferenceContext.Fail($"{length} new tokens do not end at position {last[b]} after at most {pastLength} past ones");
        }
        if (op.DoRotary)
        {
            Rotate(q, heads);
            Rotate(k, shared);
        }
        int[] cacheDims = [batch, shared, capacity, size];
        double[] keys = Cache(3, k), values = Cache(4, v);

        var bias = context.Tensor(10);
        int[] biasDims = [batch, heads, length, (int)total];
        int[]? biasAt = bias is null ? null : Broadcasting.Positions(bias, biasDims);
        if (bias is not null && !Broadcasting.Dims(bias.Dims.AsSpan(), biasDims).AsSpan().SequenceEqual(biasDims)) throw ReferenceContext.Fail($"the addend {bias} does not broadcast to [{Tensor.Format(biasDims)}]");
        double[]? addend = bias?.ToDoubles(), sinks = context.Tensor(11)?.ToDoubles() ?? (op.SmoothSoftmax ? new double[heads] : null);
        double scale = op.Scale == 0 ? 1 / Math.Sqrt(size) : op.Scale;
        int[] dims = [batch, length, heads * size];
        var result = new double[Tensor.CountOf(dims)];
        var scores = new double[capacity];
        for (int row = 0; row < batch * length * heads; row++)
        {
            int h = row % heads, s = row / heads % length, b = row / heads / length;
            int end = op.Causal ? (int)Math.Min(Before(b) + s + 1, last[b] + 1) : (int)last[b] + 1;
            int begin = op.LocalWindowSize > 0 ? (int)Math.Max(0, Before(b) + s + 1 - op.LocalWindowSize) : 0;
            int cacheAt = (b * shared + h / (heads / shared)) * capacity * size;
            double largest = sinks?[h] ?? double.NegativeInfinity;
            context.Observe();
            for (int j = begin; j < end; j++)
            {
                double score = 0;
                for (int i = 0; i < size; i++) score += q[row * size + i] * keys[cacheAt + j * size + i];
                score *= scale;
                if (op.Softcap > 0) score = op.Softcap * Math.Tanh(score / op.Softcap);
                if (addend is not null) score += addend[biasAt![((b * heads + h) * length + s) * (int)total + j]];
                scores[j] = score;
                largest = Math.Max(largest, score);
            }
            double sum = sinks is null ? 0 : Math.Exp(sinks[h] - largest);
            for (int j = begin; j < end; j++) sum += scores[j] = Math.Exp(scores[j] - largest);
            for (int j = begin; j < end; j++)
            {
                for (int i = 0; i < size; i++) result[row * size + i] += scores[j] / sum * values[cacheAt + j * size + i];
            }
        }
        var type = query.ElementType;
        return
        [
            Tensor.FromDoubles(type, dims, result),
            context.Wants(1) ? Tensor.FromDoubles(type, cacheDims, keys) : null,
            context.Wants(2) ? Tensor.FromDoubles(type, cacheDims, values) : null,
        ];

        double[] Packed(Tensor tensor, int count) => tensor.Rank == 3 && tensor.Dims[0] == batch && tensor.Dims[1] == length && tensor.Dims[2] == count * size
            ? tensor.ToDoubles()
            : throw ReferenceContext.Fail($"{tensor} must be [{batch}, {length}, {count * size}]");

        double[] Part(double[] joined, int from, int count)
        {
            var part = new double[batch * length * count * size];
            for (int token = 0; token < batch * length; token++) joined.AsSpan((token * parts + from) * size, count * size).CopyTo(part.AsSpan(token * count * size));
            return part;
        }

        void Rotate(double[] tokens, int count)
        {
            Tensor cosines = context[7], sines = context[8];
            double[] cos = cosines.ToDoubles(), sin = sines.ToDoubles();
            long[]? positions = context.Tensor(9)?.ToInt64s();
            int half = cosines.Rank == 2 ? cosines.Dims[1] : throw ReferenceContext.Fail($"cosines must have rank 2, are {cosines}");
            if (2 * half > size || sin.Length != cos.Length || positions is not null && positions.Length != batch * length) throw ReferenceContext.Fail("cosines, sines and positions do not fit the heads");
            for (int at = 0; at < tokens.Length / size; at++)
            {
                int token = at / count;
                long position = !first && positions is not null ? positions[token] : Before(token / length) + token % length;
                if (position < 0 || position >= cosines.Dims[0]) throw ReferenceContext.Fail($"position {position} lies outside [0, {cosines.Dims[0] - 1}]");
                for (int i = 0; i < half; i++)
                {
                    int x = at * size + (op.RotaryInterleaved ? 2 * i : i), y = at * size + (op.RotaryInterleaved ? 2 * i + 1 : i + half);
                    double c = cos[position * half + i], d = sin[position * half + i];
                    (tokens[x], tokens[y]) = (c * tokens[x] - d * tokens[y], d * tokens[x] + c * tokens[y]);
                }
            }
        }

        // The past rows that count, the new ones right after them, then zeros.
        double[] Cache(int index, double[] fresh)
        {
            var cache = new double[Tensor.CountOf(cacheDims)];
            double[]? old = context.Tensor(index)?.ToDoubles();
            if (old is not null && old.Length != batch * shared * pastLength * size) throw ReferenceContext.Fail($"past keys and values must be [{batch}, {shared}, {pastLength}, {size}]");
            for (int row = 0; row < batch * shared; row++)
            {
                int b = row / shared, h = row % shared;
                old?.AsSpan(row * pastLength * size, (int)Before(b) * size).CopyTo(cache.AsSpan(row * capacity * size));
                for (int s = 0; s < length; s++)
                {
                    fresh.AsSpan(((b * length + s) * shared + h) * size, size).CopyTo(cache.AsSpan((row * capacity + (int)Before(b) + s) * size));
                }
            }
            return cache;
        }
    }
}

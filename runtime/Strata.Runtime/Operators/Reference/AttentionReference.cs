using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Attention"/> in binary64.</summary>
internal static class AttentionReference
{
    /// <summary>Values as <c>[batch, heads, length, size]</c>.</summary>
    private readonly record struct Heads(int Batch, int Count, int Length, int Size, double[] Values)
    {
        public static Heads Of(Tensor tensor, long? heads)
        {
            if (tensor.Rank == 4) return new(tensor.Dims[0], tensor.Dims[1], tensor.Dims[2], tensor.Dims[3], tensor.ToDoubles());
            if (tensor.Rank != 3 || heads is not > 0 || tensor.Dims[2] % heads.Value != 0) throw ReferenceContext.Fail($"{tensor} does not hold {heads} heads");
            int count = (int)heads.Value, size = tensor.Dims[2] / count;
            return new Heads(tensor.Dims[0], count, tensor.Dims[1], size, SwapMiddle(tensor.ToDoubles(), tensor.Dims[0], tensor.Dims[1], count, size));
        }

        /// <summary>These, then others along the length.</summary>
        public Heads Append(Heads next)
        {
            if (next.Batch != Batch || next.Count != Count || next.Size != Size) throw ReferenceContext.Fail("past and new keys or values differ in batch, heads or head size");
            var joined = new double[Tensor.CountOf([Batch, Count, Length + next.Length, Size])];
            int first = Length * Size, second = next.Length * Size;
            for (int i = 0; i < Batch * Count; i++)
            {
                Values.AsSpan(i * first, first).CopyTo(joined.AsSpan(i * (first + second)));
                next.Values.AsSpan(i * second, second).CopyTo(joined.AsSpan(i * (first + second) + first));
            }
            return this with { Length = Length + next.Length, Values = joined };
        }

        public Tensor ToTensor(Tensors.ElementType type) => Tensor.FromDoubles(type, [Batch, Count, Length, Size], Values);
    }

    public static IReadOnlyList<RuntimeValue?> Evaluate(Attention op, ReferenceContext context)
    {
        Tensor query = context[0], value = context[2];
        Heads q = Heads.Of(query, op.QNumHeads), k = Heads.Of(context[1], op.KvNumHeads), v = Heads.Of(value, op.KvNumHeads);
        int past = 0;
        if (context.Tensor(4) is { } pastKey && context.Tensor(5) is { } pastValue)
        {
            Heads before = Heads.Of(pastKey, null);
            past = before.Length;
            (k, v) = (before.Append(k), Heads.Of(pastValue, null).Append(v));
        }
        if (k.Batch != q.Batch || v.Batch != q.Batch || k.Length != v.Length || k.Size != q.Size || k.Count != v.Count || k.Count == 0 || q.Count % k.Count != 0)
            throw ReferenceContext.Fail($"queries {query}, keys {context[1]} and values {value} do not fit");
        long[]? valid = context.Tensor(6)?.ToInt64s();
        if (valid is not null && valid.Length != q.Batch) throw ReferenceContext.Fail($"valid keys must be given for each of {q.Batch} batch rows");

        int rows = q.Length, total = k.Length, group = q.Count / k.Count;
        var mask = Mask.Of(context.Tensor(3), [q.Batch, q.Count, rows, total]);
        double scale = op.Scale ?? 1 / Math.Sqrt(q.Size);
        int[] scoreDims = [q.Batch, q.Count, rows, total];
        double[] shown = context.Wants(3) ? new double[Tensor.CountOf(scoreDims)] : [];
        var result = new double[Tensor.CountOf([q.Batch, q.Count, rows, v.Size])];
        double[] scores = new double[Tensor.CountOf([rows, total])], bias = new double[total];
        for (int head = 0; head < q.Batch * q.Count; head++)
        {
            int b = head / q.Count, kvHead = b * k.Count + head % q.Count / group;
            long offset = valid is not null ? valid[b] - rows : past;
            Array.Clear(scores);
            MatrixProduct.Accumulate(context, q.Values, head * rows * q.Size, MatrixProduct.Transpose(k.Values, kvHead * total * k.Size, total, k.Size), 0, scores, 0, rows, q.Size, total);
            for (int i = 0; i < scores.Length; i++) scores[i] *= scale;
            Show(AttentionScores.Raw);
            if (op.Softcap > 0)
            {
                for (int i = 0; i < scores.Length; i++) scores[i] = op.Softcap * Math.Tanh(scores[i] / op.Softcap);
            }
            Show(AttentionScores.Capped);
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < total; j++) bias[j] = MayAttend(op, i + offset, j, valid?[b]) ? mask.At(head, i, j) : double.NegativeInfinity;
                AddBias(scores.AsSpan(i * total, total), bias);
            }
            Show(AttentionScores.Biased);
            for (int i = 0; i < rows; i++) Softmax(scores.AsSpan(i * total, total));
            if (op.Stretch is [float low, float high])
            {
                for (int i = 0; i < scores.Length; i++) scores[i] = Math.Clamp(((double)high - low) * scores[i] + low, 0, 1);
            }
            Show(AttentionScores.Probabilities);
            MatrixProduct.Accumulate(context, scores, 0, v.Values, kvHead * total * v.Size, result, head * rows * v.Size, rows, total, v.Size);

            void Show(AttentionScores stage)
            {
                if (op.QkMatmulOutputMode == stage && shown.Length > 0) scores.CopyTo(shown, head * rows * total);
            }
        }

        var y = query.Rank == 4
            ? Tensor.FromDoubles(query.ElementType, [q.Batch, q.Count, rows, v.Size], result)
            : Tensor.FromDoubles(query.ElementType, [q.Batch, rows, q.Count * v.Size], SwapMiddle(result, q.Batch, q.Count, rows, v.Size));
        return
        [
            y,
            context.Wants(1) ? k.ToTensor(query.ElementType) : null,
            context.Wants(2) ? v.ToTensor(value.ElementType) : null,
            context.Wants(3) ? Tensor.FromDoubles(query.ElementType, scoreDims, shown) : null,
        ];
    }

    // position: that of the query among the keys.
    private static bool MayAttend(Attention op, long position, int key, long? valid) =>
        !(op.IsCausal && key > position)
        && !(op.LeftWindowSize >= 0 && key < position - op.LeftWindowSize)
        && !(op.RightWindowSize >= 0 && key > position + op.RightWindowSize)
        && !(key >= valid);

    // A masked score is −∞ whatever it was: +∞ − ∞ would be NaN.
    private static void AddBias(Span<double> scores, ReadOnlySpan<double> bias)
    {
        for (int j = 0; j < scores.Length; j++) scores[j] = double.IsNegativeInfinity(bias[j]) ? bias[j] : scores[j] + bias[j];
    }

    private static void Softmax(Span<double> row)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (double score in row) largest = Math.Max(largest, score);
        if (double.IsNegativeInfinity(largest))
        {
            row.Clear();
            return;
        }
        for (int j = 0; j < row.Length; j++) sum += row[j] = Math.Exp(row[j] - largest);
        for (int j = 0; j < row.Length; j++) row[j] /= sum;
    }

    // [a, b, c, d] to [a, c, b, d]
    private static double[] SwapMiddle(double[] values, int a, int b, int c, int d)
    {
        var result = new double[values.Length];
        for (int i = 0; i < a * b * c; i++)
        {
            int z = i % c, y = i / c % b, x = i / c / b;
            values.AsSpan(i * d, d).CopyTo(result.AsSpan(((x * c + z) * b + y) * d));
        }
        return result;
    }

    /// <summary>What is added to the score of a key; keys beyond the mask's end are excluded.</summary>
    private readonly record struct Mask(double[]? Values, int[] Positions, int Rows, int Columns)
    {
        public static Mask Of(Tensor? tensor, int[] dims)
        {
            if (tensor is null) return new(null, [], 0, 0);
            int columns = tensor.Rank > 0 && tensor.Dims[^1] > 1 ? Math.Min(tensor.Dims[^1], dims[3]) : dims[3];
            int[] covered = [dims[0], dims[1], dims[2], columns];
            if (!Broadcasting.Dims(tensor.Dims.AsSpan(), covered).AsSpan().SequenceEqual(covered)) throw ReferenceContext.Fail($"the mask {tensor} does not broadcast to [{Tensor.Format(dims)}]");
            var values = tensor.ToDoubles();
            if (tensor.ElementType == ElementType.Bool) values = Array.ConvertAll(values, v => v != 0 ? 0 : double.NegativeInfinity);
            return new(values, Broadcasting.Positions(tensor, covered), dims[2], columns);
        }

        public double At(int head, int row, int column) => Values is null ? 0
            : column < Columns ? Values[Positions[(head * Rows + row) * Columns + column]]
            : double.NegativeInfinity;
    }
}

using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="MatMulInteger"/>, <see cref="QLinearMatMul"/> and <see cref="MatMulNBits"/>.</summary>
internal static class QuantizedMatMulReference
{
    public static Tensor Evaluate(MatMulInteger _, ReferenceContext context)
    {
        var (dims, values) = Accumulate(context, context[0], context.Tensor(2), context[1], context.Tensor(3));
        return Tensor.From<int>(dims, values);
    }

    public static Tensor Evaluate(QLinearMatMul _, ReferenceContext context)
    {
        Tensor a = context[0], b = context[3];
        if (a.ElementType.IsFloat()) return EvaluateFloat8(context);
        var (dims, sums) = Accumulate(context, a, context[2], b, context[5]);
        var (aScale, bScale, yScale, yZero) = Parameters(context, dims);
        var type = context[7].ElementType;
        bool single = context[1].ElementType == ElementType.Float32;
        var codes = new long[sums.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = single
                ? Requantization.Code(sums[i], Requantization.Multiplier((float)aScale[i], (float)bScale[i], (float)yScale[i]), (long)yZero[i], type)
                : Requantization.Code(sums[i] * (aScale[i] * bScale[i] / yScale[i]), (long)yZero[i], type);
        }
        return Tensor.FromInt64s(type, dims, codes);
    }

    private static Tensor EvaluateFloat8(ReferenceContext context)
    {
        Tensor a = context[0], b = context[3];
        var (dims, sums) = MatMulReference.Product(context, a.Dims.AsSpan(), b.Dims.AsSpan(),
            Centred(a.ToDoubles(), PerRow(context[2], a), a), Centred(b.ToDoubles(), context[5], b));
        var (aScale, bScale, yScale, yZero) = Parameters(context, dims);
        for (int i = 0; i < sums.Length; i++) sums[i] = sums[i] * (aScale[i] * bScale[i] / yScale[i]) + yZero[i];
        return Tensor.FromDoubles(context[7].ElementType, dims, sums, saturate: true);
    }

    // Scales and the result's zero-point, spread over the elements of the result.
    private static (double[] A, double[] B, double[] Y, double[] Zero) Parameters(ReferenceContext context, int[] dims)
    {
        return (Spread(PerRow(context[1], context[0])), Spread(context[4]), Spread(context[6]), Spread(context[7]));

        double[] Spread(Tensor parameter)
        {
            var values = parameter.ToDoubles();
            return Array.ConvertAll(SpreadPositions(parameter, dims), p => values[p]);
        }
    }

    private static (int[] Dims, int[] Values) Accumulate(ReferenceContext context, Tensor a, Tensor? aZero, Tensor b, Tensor? bZero) =>
        MatMulReference.Product(context, a.Dims.AsSpan(), b.Dims.AsSpan(), Integers(a, aZero is null ? null : PerRow(aZero, a)), Integers(b, bZero));

    private static int[] Integers(Tensor x, Tensor? zero) => Array.ConvertAll(Centred(x.ToDoubles(), zero, x), v => (int)v);

    private static double[] Centred(double[] values, Tensor? zero, Tensor x)
    {
        if (zero is null) return values;
        var zeros = zero.ToDoubles();
        int[] at = SpreadPositions(zero, [.. x.Dims]);
        for (int i = 0; i < values.Length; i++) values[i] -= zeros[at[i]];
        return values;
    }

    // A vector of parameters of a stands for its rows; one of b, for its columns, broadcasts as it is.
    private static Tensor PerRow(Tensor parameter, Tensor a) => parameter.Rank == 1 && parameter.Count > 1 && a.Rank > 1 ? parameter.Reshape(parameter.Count, 1) : parameter;

    private static int[] SpreadPositions(Tensor parameter, int[] dims)
    {
        if (parameter.Count == 1) return new int[Tensor.CountOf(dims)];
        if (!Broadcasting.Dims(parameter.Dims.AsSpan(), dims).AsSpan().SequenceEqual(dims)) throw ReferenceContext.Fail($"the parameter {parameter} does not broadcast to [{Tensor.Format(dims)}]");
        return Broadcasting.Positions(parameter, dims);
    }

    public static Tensor Evaluate(MatMulNBits op, ReferenceContext context)
    {
        var a = context[0];
        int k = (int)op.K, n = (int)op.N;
        if (a.Rank == 0 || a.Dims[^1] != k) throw ReferenceContext.Fail($"the last dimension of {a} must be {k}");
        var weights = Weights(op, context);
        int rows = a.Count / k;
        var sums = new double[Tensor.CountOf([rows, n])];
        MatrixProduct.Accumulate(context, a.ToDoubles(), 0, weights, 0, sums, 0, rows, k, n);
        if (context.Tensor(5)?.ToDoubles() is { } bias)
        {
            for (int i = 0; i < sums.Length; i++) sums[i] += bias[i % n];
        }
        return Tensor.FromDoubles(a.ElementType, [.. a.Dims[..^1], n], sums);
    }

    // The dequantised weights, transposed to [K, N].
    private static double[] Weights(MatMulNBits op, ReferenceContext context)
    {
        int k = (int)op.K, n = (int)op.N, bits = (int)op.Bits, blocks = op.BlocksPerRow, block = (int)op.BlockSize;
        Tensor packed = context[1], scale = context[2];
        Tensor? zero = context.Tensor(3);
        long zeroRow = ((long)blocks * bits + 7) / 8;
        bool packedZero = zero?.ElementType == ElementType.UInt8;
        Expect(packed, (long)n * blocks * (block * bits / 8));
        Expect(scale, (long)n * blocks);
        if (zero is not null) Expect(zero, packedZero ? n * zeroRow : (long)n * blocks);
        if (context.Tensor(5) is { } bias) Expect(bias, n);

        var groups = context.Tensor(4)?.Span<int>().ToArray() ?? [.. Enumerable.Range(0, k).Select(i => i / block)];
        if (groups.Length < k || groups.Any(g => g < 0 || g >= blocks)) throw ReferenceContext.Fail($"the block indices must be {k} numbers in [0, {blocks})");
        var scales = scale.ToDoubles();
        var zeros = packedZero ? null : zero?.ToDoubles();
        var result = new double[Tensor.CountOf([k, n])];
        for (int row = 0; row < n; row++)
        {
            for (int i = 0; i < k; i++)
            {
                int group = row * blocks + groups[i];
                double origin = zeros is not null ? zeros[group]
                    : packedZero ? Field(zero!.Bytes.Span, row * zeroRow * 8 / bits + groups[i], bits)
                    : 1 << (bits - 1);
                result[i * n + row] = (Field(packed.Bytes.Span, (long)row * blocks * block + i, bits) - origin) * scales[group];
            }
        }
        return result;
    }

    private static int Field(ReadOnlySpan<byte> bytes, long index, int bits) => (bytes[(int)(index * bits / 8)] >> (int)(index * bits % 8)) & ((1 << bits) - 1);

    private static void Expect(Tensor tensor, long count)
    {
        if (tensor.Count != count) throw ReferenceContext.Fail($"{tensor} must have {count} elements");
    }
}

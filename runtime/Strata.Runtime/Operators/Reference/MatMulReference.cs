using System.Numerics;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="MatMul"/> and <see cref="Gemm"/>: floats in binary64, integers in 64 bits, wrapping.</summary>
internal static class MatMulReference
{
    public static Tensor Evaluate(MatMul _, ReferenceContext context) => Product(context, context[0], context[1]);

    public static Tensor Product(ReferenceContext context, Tensor a, Tensor b) => a.ElementType.IsInteger()
        ? Product(context, a, b, a.ToInt64s(), b.ToInt64s(), static (dims, values, type) => Tensor.FromInt64s(type, dims, values))
        : Product(context, a, b, a.ToDoubles(), b.ToDoubles(), static (dims, values, type) => Tensor.FromDoubles(type, dims, values));

    /// <summary>The product of elements that were widened before, in the shapes of a and b; also gives the result's dimensions.</summary>
    public static (int[] Dims, T[] Values) Product<T>(ReferenceContext context, ReadOnlySpan<int> a, ReadOnlySpan<int> b, T[] x, T[] y) where T : struct, INumberBase<T>
    {
        if (a.Length == 0 || b.Length == 0) throw ReferenceContext.Fail("a scalar is not a matrix");
        int m = a.Length > 1 ? a[^2] : 1, k = a[^1], n = b.Length > 1 ? b[^1] : 1, kb = b.Length > 1 ? b[^2] : b[0];
        if (k != kb) throw ReferenceContext.Fail($"[{Tensor.Format(a)}] and [{Tensor.Format(b)}] have inner dimensions {k} and {kb}");
        ReadOnlySpan<int> batchA = a.Length > 2 ? a[..^2] : [], batchB = b.Length > 2 ? b[..^2] : [];
        int[] batch = Broadcasting.Dims(batchA, batchB);
        int[] dims = [.. batch, .. a.Length > 1 ? [m] : Array.Empty<int>(), .. b.Length > 1 ? [n] : Array.Empty<int>()];
        var result = new T[Tensor.CountOf(dims)];
        int[] atA = Broadcasting.Positions(batchA, batch), atB = Broadcasting.Positions(batchB, batch);
        for (int i = 0; i < atA.Length; i++) MatrixProduct.Accumulate(context, x, atA[i] * m * k, y, atB[i] * k * n, result, i * m * n, m, k, n);
        return (dims, result);
    }

    public static Tensor Evaluate(Gemm op, ReferenceContext context)
    {
        Tensor a = context[0], b = context[1];
        if (a.Rank != 2 || b.Rank != 2) throw ReferenceContext.Fail("a and b must be matrices");
        int m = a.Dims[op.TransA ? 1 : 0], k = a.Dims[op.TransA ? 0 : 1], n = b.Dims[op.TransB ? 0 : 1], kb = b.Dims[op.TransB ? 1 : 0];
        if (k != kb) throw ReferenceContext.Fail($"the inner dimensions are {k} and {kb}");
        int[] dims = [m, n];
        Tensor? c = context.Tensor(2);
        int[]? atC = c is null ? null : Broadcasting.Positions(c.Dims.AsSpan(), dims);
        if (c is not null && !Broadcasting.Dims(c.Dims.AsSpan(), dims).AsSpan().SequenceEqual(dims)) throw ReferenceContext.Fail($"c {c} does not broadcast to [{m}, {n}]");

        if (a.ElementType.IsInteger() && op is { Alpha: 1, Beta: 1 })
        {
            var sums = c is null ? new long[Tensor.CountOf(dims)] : Pick(c.ToInt64s(), atC!);
            MatrixProduct.Accumulate(context, Matrix(a.ToInt64s(), m, k, op.TransA), 0, Matrix(b.ToInt64s(), k, n, op.TransB), 0, sums, 0, m, k, n);
            return Tensor.FromInt64s(a.ElementType, dims, sums);
        }
        var product = new double[Tensor.CountOf(dims)];
        MatrixProduct.Accumulate(context, Matrix(a.ToDoubles(), m, k, op.TransA), 0, Matrix(b.ToDoubles(), k, n, op.TransB), 0, product, 0, m, k, n);
        var addend = c?.ToDoubles();
        for (int i = 0; i < product.Length; i++) product[i] = op.Alpha * product[i] + (addend is null ? 0 : op.Beta * addend[atC![i]]);
        return Tensor.FromDoubles(a.ElementType, dims, product);
    }

    private static T[] Matrix<T>(T[] values, int rows, int columns, bool transposed) => transposed ? MatrixProduct.Transpose(values, 0, columns, rows) : values;

    private static T[] Pick<T>(T[] values, int[] positions) => Array.ConvertAll(positions, p => values[p]);

    private static Tensor Product<T>(ReferenceContext context, Tensor a, Tensor b, T[] x, T[] y, Func<int[], T[], ElementType, Tensor> wrap) where T : struct, INumberBase<T>
    {
        var (dims, values) = Product(context, a.Dims.AsSpan(), b.Dims.AsSpan(), x, y);
        return wrap(dims, values, a.ElementType);
    }
}

using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Det"/> and <see cref="Inverse"/> by elimination with row pivoting, in binary64.</summary>
internal static class SquareMatricesReference
{
    public static Tensor Evaluate(Det _, ReferenceContext context)
    {
        var (x, size) = Matrices(context);
        int[] dims = [.. x.Dims[..^2]];
        var result = new double[Tensor.CountOf(dims)];
        double[] values = x.ToDoubles();
        for (int i = 0; i < result.Length; i++) result[i] = Eliminate(values.AsSpan(i * size * size, size * size), size, size);
        return Tensor.FromDoubles(x.ElementType, dims, result);
    }

    public static Tensor Evaluate(Inverse _, ReferenceContext context)
    {
        var (x, size) = Matrices(context);
        double[] values = x.ToDoubles();
        var work = new double[2 * size * size]; // the matrix beside the identity
        for (int at = 0; at < values.Length; at += size * size)
        {
            Array.Clear(work);
            for (int r = 0; r < size; r++)
            {
                values.AsSpan(at + r * size, size).CopyTo(work.AsSpan(2 * r * size));
                work[2 * r * size + size + r] = 1;
            }
            Eliminate(work, size, 2 * size);
            for (int r = size - 1; r >= 0; r--)
            {
                for (int c = 0; c < size; c++)
                {
                    double sum = work[2 * r * size + size + c];
                    for (int k = r + 1; k < size; k++) sum -= work[2 * r * size + k] * values[at + k * size + c];
                    values[at + r * size + c] = sum / work[2 * r * size + r];
                }
            }
        }
        return Tensor.FromDoubles(x.ElementType, x.Dims.AsSpan(), values);
    }

    private static (Tensor X, int Size) Matrices(ReferenceContext context)
    {
        var x = context[0];
        return x.Rank >= 2 && x.Dims[^1] == x.Dims[^2] ? (x, x.Dims[^1]) : throw ReferenceContext.Fail($"{x} holds no square matrices");
    }

    // Brings the first columns to upper triangular form and returns their determinant.
    private static double Eliminate(Span<double> rows, int size, int width)
    {
        double determinant = 1;
        for (int c = 0; c < size; c++)
        {
            int pivot = c;
            for (int r = c + 1; r < size; r++)
            {
                if (Math.Abs(rows[r * width + c]) > Math.Abs(rows[pivot * width + c])) pivot = r;
            }
            if (pivot != c)
            {
                for (int k = 0; k < width; k++) (rows[c * width + k], rows[pivot * width + k]) = (rows[pivot * width + k], rows[c * width + k]);
                determinant = -determinant;
            }
            determinant *= rows[c * width + c];
            if (rows[c * width + c] == 0) continue;
            for (int r = c + 1; r < size; r++)
            {
                double factor = rows[r * width + c] / rows[c * width + c];
                for (int k = c; k < width; k++) rows[r * width + k] -= factor * rows[c * width + k];
            }
        }
        return determinant;
    }
}

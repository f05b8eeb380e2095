using System.Numerics;
using System.Runtime.InteropServices;

namespace Strata.Passes;

/// <summary>
/// The upper triangular U with <c>Uᵀ · U = H⁻¹</c> of a symmetric positive definite matrix H, each row divided by its diagonal
/// element: how an error in one column of a weight is best made up for in the columns after it (Frantar et al. 2022, GPTQ,
/// arXiv 2210.17323).
/// </summary>
internal static class InverseFactor
{
    // Share of the mean of the diagonal that is added to it, so that columns that hardly vary have an inverse.
    private const double Damping = 0.01;

    // Vectors per column at which half of what columns have in common counts as chance.
    private const double ChanceVectors = 0.25;

    /// <summary>
    /// The factor for sums of <paramref name="size"/> × <paramref name="size"/> over <paramref name="count"/> vectors; null where all are zero or not
    /// finite. Few vectors show correlations that are not there, so that what is off the diagonal shrinks (Ledoit and Wolf 2004).
    /// </summary>
    public static float[]? Of(ReadOnlySpan<float> sums, int size, long count)
    {
        double mean = 0;
        for (int i = 0; i < size; i++) mean += (double)sums[i * (size + 1)] / size;
        if (!(mean > 0) || !double.IsFinite(mean)) return null;

        // With both orders reversed, U is the inverse of the lower Cholesky factor.
        double shrink = count / (count + ChanceVectors * size);
        var lower = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++) lower[i * size + j] = sums[(size - 1 - i) * size + size - 1 - j] * (j < i ? shrink : 1);
            lower[i * (size + 1)] += Damping * mean;
        }
        if (!Factor(lower, size)) return null;
        Invert(lower, size);
        var upper = new float[size * size];
        for (int i = 0; i < size; i++)
        {
            int from = (size - 1 - i) * size;
            double diagonal = lower[from + size - 1 - i];
            for (int j = i; j < size; j++) upper[i * size + j] = (float)(lower[from + size - 1 - j] / diagonal);
        }
        return upper;
    }

    // Row by row, in place: L of A = L · Lᵀ. False where A is not positive definite.
    private static bool Factor(double[] a, int size)
    {
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double rest = a[i * size + j] - Dot(a.AsSpan(i * size, j), a.AsSpan(j * size, j));
                if (j < i) a[i * size + j] = rest / a[j * (size + 1)];
                else if (rest > 0) a[i * (size + 1)] = Math.Sqrt(rest);
                else return false;
            }
        }
        return true;
    }

    // In place: row i of the inverse is −(Σ_{k<i} L_ik · row k) / L_ii, with 1 / L_ii on the diagonal.
    private static void Invert(double[] a, int size)
    {
        var row = new double[size];
        for (int i = 0; i < size; i++)
        {
            row.AsSpan(0, i).Clear();
            for (int k = 0; k < i; k++) AddScaled(row.AsSpan(0, k + 1), a.AsSpan(k * size, k + 1), a[i * size + k]);
            double inverse = 1 / a[i * (size + 1)];
            for (int j = 0; j < i; j++) a[i * size + j] = -row[j] * inverse;
            a[i * (size + 1)] = inverse;
        }
    }

    private static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        ReadOnlySpan<Vector<double>> u = MemoryMarshal.Cast<double, Vector<double>>(x), v = MemoryMarshal.Cast<double, Vector<double>>(y);
        Vector<double> first = default, second = default;
        int i = 0;
        for (; i + 1 < u.Length; i += 2) (first, second) = (first + u[i] * v[i], second + u[i + 1] * v[i + 1]);
        if (i < u.Length) first += u[i] * v[i];
        double sum = Vector.Sum(first + second);
        for (int k = u.Length * Vector<double>.Count; k < x.Length; k++) sum += x[k] * y[k];
        return sum;
    }

    private static void AddScaled(Span<double> sum, ReadOnlySpan<double> x, double factor)
    {
        var v = MemoryMarshal.Cast<double, Vector<double>>(x);
        var s = MemoryMarshal.Cast<double, Vector<double>>(sum);
        for (int i = 0; i < v.Length; i++) s[i] += v[i] * factor;
        for (int k = v.Length * Vector<double>.Count; k < x.Length; k++) sum[k] += x[k] * factor;
    }
}

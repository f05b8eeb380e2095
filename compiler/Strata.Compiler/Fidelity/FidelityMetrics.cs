using Strata.Tensors;

namespace Strata.Compiler.Fidelity;

/// <summary>How well one value of a network is reproduced, over everything that was run.</summary>
/// <param name="Name">The output or value.</param>
/// <param name="Elements">How many elements were compared.</param>
/// <param name="SnrDb">Signal-to-noise ratio, 10·log₁₀(Σ ref² / Σ (ref − actual)²); infinite when all elements are equal. Null for text.</param>
/// <param name="Cosine">Cosine of the angle between reference and result; null for text, or when either is all zero.</param>
/// <param name="MaxError">Largest |ref − actual|; infinite where one is finite and the other not. Null for text.</param>
/// <param name="RelativeError"><paramref name="MaxError"/> over the reference's largest finite magnitude. Null for text.</param>
/// <param name="Top1Agreement">Share of rows (last axis) whose largest element is the same; null without such an axis.</param>
/// <param name="Top5Agreement">Share of rows of more than five elements whose largest is among the five largest of the result; null without such rows.</param>
/// <param name="Mismatch">Why the values cannot be compared or, for text, differ; null when they can.</param>
public sealed record FidelityMetrics(string Name, long Elements, double? SnrDb, double? Cosine, double? MaxError, double? RelativeError, double? Top1Agreement, double? Top5Agreement, string? Mismatch)
{
    /// <summary>True when every element was the same.</summary>
    public bool IsExact => Mismatch is null && MaxError is null or 0;

    /// <summary>True when the largest error stays within a share of the reference's largest magnitude.</summary>
    public bool Within(double floor) => Mismatch is null && (RelativeError is null || RelativeError <= floor);
}

/// <summary>Gathers <see cref="FidelityMetrics"/> of one value over several runs.</summary>
public sealed class FidelityAccumulator(string name)
{
    private const int Five = 5;

    private long elements, rows, agreeing, longRows, among;
    private double signal, noise, dot, actualSquares, maxError, largest;
    private bool numeric;
    private string? mismatch;

    /// <summary>Adds the result of one run.</summary>
    public void Add(RuntimeValue? reference, RuntimeValue? actual)
    {
        switch (reference, actual)
        {
            case (Tensor x, Tensor y) when x.ElementType == y.ElementType && x.Dims.AsSpan().SequenceEqual(y.Dims.AsSpan()) && x.ElementType != ElementType.String:
                AddNumbers(x, y);
                break;
            case (SequenceValue x, SequenceValue y) when x.Items.Length == y.Items.Length:
                foreach (var (a, b) in x.Items.Zip(y.Items)) Add(a, b);
                break;
            case (MapValue x, MapValue y) when x.Values.Length == y.Values.Length:
                mismatch ??= ValueComparison.Difference(y.Keys, x.Keys, default);
                foreach (var (a, b) in x.Values.Zip(y.Values)) Add(a, b);
                break;
            case (OptionalValue { Content: { } x }, OptionalValue { Content: { } y }):
                Add(x, y);
                break;
            default:
                elements += (reference as Tensor)?.Count ?? 0;
                mismatch ??= ValueComparison.Difference(actual, reference, default);
                break;
        }
    }

    /// <summary>The metrics of all runs added.</summary>
    public FidelityMetrics Result() => new(name, elements,
        SnrDb: !numeric ? null : noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(signal / noise),
        Cosine: !numeric || signal == 0 || actualSquares == 0 ? null : noise == 0 ? 1 : Math.Clamp(dot / Math.Sqrt(signal * actualSquares), -1, 1),
        MaxError: numeric ? maxError : null,
        RelativeError: !numeric ? null : maxError == 0 ? 0 : maxError / (largest > 0 ? largest : 1),
        Top1Agreement: rows == 0 ? null : (double)agreeing / rows,
        Top5Agreement: longRows == 0 ? null : (double)among / longRows,
        mismatch);

    private void AddNumbers(Tensor reference, Tensor actual)
    {
        numeric = true;
        elements += reference.Count;
        if (reference.ElementType.Kind() == ElementKind.Complex)
        {
            var (x, y) = (reference.ToComplex(), actual.ToComplex());
            for (int i = 0; i < x.Length; i++)
            {
                AddPair(x[i].Real, y[i].Real);
                AddPair(x[i].Imaginary, y[i].Imaginary);
            }
            return;
        }
        double[] expected = reference.ToDoubles(), given = actual.ToDoubles();
        for (int i = 0; i < expected.Length; i++) AddPair(expected[i], given[i]);

        int row = reference.Rank == 0 ? 0 : reference.Dims[^1];
        if (row < 2 || reference.ElementType == ElementType.Bool) return;
        for (int start = 0; start < expected.Length; start += row)
        {
            rows++;
            int largestAt = Largest(expected.AsSpan(start, row));
            if (largestAt == Largest(given.AsSpan(start, row))) agreeing++;
            if (row <= Five) continue;
            longRows++;
            if (TaskScorer.Before(given.AsSpan(start, row), largestAt) < Five) among++;
        }
    }

    private void AddPair(double reference, double actual)
    {
        if (double.IsFinite(reference)) largest = Math.Max(largest, Math.Abs(reference));
        bool comparable = double.IsFinite(reference) && double.IsFinite(actual);
        if (!comparable)
        {
            // The same infinity or two NaNs are equal and say nothing about signal or noise.
            if (!reference.Equals(actual)) (noise, maxError) = (double.PositiveInfinity, double.PositiveInfinity);
            return;
        }
        double error = reference - actual;
        signal += reference * reference;
        actualSquares += actual * actual;
        dot += reference * actual;
        noise += error * error;
        maxError = Math.Max(maxError, Math.Abs(error));
    }

    private static int Largest(ReadOnlySpan<double> row)
    {
        int best = 0;
        for (int i = 1; i < row.Length; i++)
        {
            if (row[i] > row[best]) best = i;
        }
        return best;
    }
}

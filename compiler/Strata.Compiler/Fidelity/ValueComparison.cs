using System.Globalization;
using System.Numerics;
using Strata.Tensors;

namespace Strata.Compiler.Fidelity;

/// <summary>How far a floating-point result may be from what was recorded.</summary>
/// <param name="Relative">Times each expected element's magnitude.</param>
/// <param name="Absolute">Added to it.</param>
/// <param name="OfLargest">Alternatively, times the output's largest finite magnitude; the looser of both counts.</param>
public readonly record struct Tolerance(double Relative, double Absolute, double OfLargest = 0)
{
    /// <summary>That of ONNX's own backend runner.</summary>
    public static Tolerance Onnx { get; } = new(1e-3, 1e-7);
}

/// <summary>Compares a value with a recorded one: floats within a tolerance, everything else exactly.</summary>
public static class ValueComparison
{
    /// <summary>Describes the first difference, or null when there is none.</summary>
    public static string? Difference(RuntimeValue? actual, RuntimeValue? expected, Tolerance tolerance)
    {
        switch (actual, expected)
        {
            case (Tensor x, Tensor y):
                return Difference(x, y, tolerance);
            case (SequenceValue x, SequenceValue y):
                if (x.Items.Length != y.Items.Length) return $"a sequence of {x.Items.Length} where {y.Items.Length} is expected";
                return Items(x.Items, y.Items, tolerance);
            case (OptionalValue x, OptionalValue y):
                return x.Content is null && y.Content is null ? null : Difference(x.Content, y.Content, tolerance);
            case (MapValue x, MapValue y):
                return Difference(x.Keys, y.Keys, tolerance) ?? (x.Values.Length == y.Values.Length ? Items(x.Values, y.Values, tolerance) : "maps of different size");
            case (OptionalValue { Content: { } content }, _): return Difference(content, expected, tolerance);
            case (_, OptionalValue { Content: { } content }): return Difference(actual, content, tolerance);
            default: return $"{Kind(actual)} where {Kind(expected)} is expected";
        }
    }

    private static string? Items(IReadOnlyList<RuntimeValue> actual, IReadOnlyList<RuntimeValue> expected, Tolerance tolerance)
    {
        for (int i = 0; i < actual.Count; i++)
        {
            if (Difference(actual[i], expected[i], tolerance) is { } difference) return $"item {i}: {difference}";
        }
        return null;
    }

    private static string Kind(RuntimeValue? value) => value switch { null => "nothing", OptionalValue { Content: null } => "an absent optional", Tensor t => t.ToString(), _ => value.GetType().Name };

    private static string? Difference(Tensor actual, Tensor expected, Tolerance tolerance)
    {
        if (actual.ElementType != expected.ElementType || !actual.Dims.AsSpan().SequenceEqual(expected.Dims.AsSpan())) return $"{actual} where {expected} is expected";
        switch (actual.ElementType.Kind())
        {
            case ElementKind.String:
                for (int i = 0; i < actual.Count; i++)
                {
                    if (actual.Strings[i] != expected.Strings[i]) return $"element {i} is \"{actual.Strings[i]}\" where \"{expected.Strings[i]}\" is expected";
                }
                return null;
            case ElementKind.Float:
                return Floats(actual.ToDoubles(), expected.ToDoubles(), tolerance);
            case ElementKind.Complex:
                return Floats(Parts(actual.ToComplex()), Parts(expected.ToComplex()), tolerance);
            default:
                long[] x = actual.ToInt64s(), y = expected.ToInt64s();
                int different = Enumerable.Range(0, x.Length).Count(i => x[i] != y[i]);
                int first = Array.FindIndex([.. Enumerable.Range(0, x.Length)], i => x[i] != y[i]);
                return different == 0 ? null : $"{different} of {x.Length} elements differ; element {first} is {x[first]} where {y[first]} is expected";
        }

        static double[] Parts(Complex[] values) => [.. values.SelectMany(v => new[] { v.Real, v.Imaginary })];
    }

    private static string? Floats(double[] actual, double[] expected, Tolerance tolerance)
    {
        double largest = 0;
        foreach (double value in expected)
        {
            if (double.IsFinite(value)) largest = Math.Max(largest, Math.Abs(value));
        }
        int different = 0, worst = -1;
        double worstExcess = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double x = actual[i], y = expected[i];
            if (x.Equals(y) || x == y) continue;
            double error = double.IsFinite(x) && double.IsFinite(y) ? Math.Abs(x - y) : double.PositiveInfinity;
            double allowed = Math.Max(tolerance.Absolute + tolerance.Relative * Math.Abs(y), tolerance.OfLargest * largest);
            if (error <= allowed) continue;
            different++;
            if (worst < 0 || error - allowed > worstExcess) (worst, worstExcess) = (i, error - allowed);
        }
        return worst < 0 ? null : string.Create(CultureInfo.InvariantCulture,
            $"{different} of {actual.Length} elements differ; element {worst} is {actual[worst]:G9} where {expected[worst]:G9} is expected (largest magnitude {largest:G4})");
    }
}

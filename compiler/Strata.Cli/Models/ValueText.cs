using System.Globalization;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Cli.Models;

/// <summary>Values as a person wants to see them.</summary>
internal static class ValueText
{
    /// <summary>Type, dimensions and, for numbers, range and mean.</summary>
    public static string Describe(RuntimeValue? value)
    {
        switch (value)
        {
            case null or OptionalValue { Content: null }: return "absent";
            case OptionalValue optional: return $"optional of {Describe(optional.Content)}";
            case SequenceValue sequence: return $"sequence of {sequence.Items.Length}{(sequence.Items.IsEmpty ? "" : $": {string.Join("; ", sequence.Items.Take(8).Select(Describe))}{(sequence.Items.Length > 8 ? "; …" : "")}")}";
            case MapValue map: return $"map of {map.Values.Length}";
        }
        var tensor = (Tensor)value;
        if (tensor.Count == 0 || tensor.ElementType.Kind() is ElementKind.String or ElementKind.Complex) return tensor.ToString();
        var numbers = tensor.ToDoubles();
        var finite = numbers.Where(double.IsFinite).ToArray();
        string strange = finite.Length == numbers.Length ? "" : $", {numbers.Length - finite.Length} NaN or infinite";
        return finite.Length == 0 ? $"{tensor}{strange}" : $"{tensor}  min {Sizes.Number(finite.Min(), "G6")}, max {Sizes.Number(finite.Max(), "G6")}, mean {Sizes.Number(finite.Average(), "G6")}{strange}";
    }

    /// <summary>The largest elements, largest first; of text the first ones. The index counts in row-major order.</summary>
    public static IEnumerable<(int Index, string Value)> Top(Tensor tensor, int count)
    {
        if (tensor.ElementType == ElementType.String) return Enumerable.Range(0, Math.Min(count, tensor.Count)).Select(i => (i, Quote(tensor.Strings[i])));
        if (tensor.ElementType.Kind() == ElementKind.Complex)
        {
            var complex = tensor.ToComplex();
            return Enumerable.Range(0, complex.Length).OrderByDescending(i => complex[i].Magnitude).Take(count).Select(i => (i, complex[i].ToString("G7", CultureInfo.InvariantCulture)));
        }
        if (tensor.ElementType.IsInteger() || tensor.ElementType == ElementType.Bool)
        {
            var integers = tensor.ToInt64s();
            bool unsigned64 = tensor.ElementType == ElementType.UInt64;
            return Enumerable.Range(0, integers.Length).OrderByDescending(i => unsigned64 ? (UInt128)(ulong)integers[i] : (UInt128)((Int128)integers[i] - long.MinValue)).Take(count)
                .Select(i => (i, unsigned64 ? ((ulong)integers[i]).ToString(CultureInfo.InvariantCulture) : integers[i].ToString(CultureInfo.InvariantCulture)));
        }
        var numbers = tensor.ToDoubles();
        // NaN compares below everything, so it comes last.
        return Enumerable.Range(0, numbers.Length).OrderByDescending(i => numbers[i]).Take(count).Select(i => (i, Sizes.Number(numbers[i], "G6")));
    }

    // A model's text may hold what would steer a terminal.
    private static string Quote(string text) => $"\"{string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString()))}\"";

    /// <summary>The position of an element along each axis.</summary>
    public static int[] Coordinates(Tensor tensor, int index)
    {
        var coordinates = new int[tensor.Rank];
        for (int axis = tensor.Rank - 1; axis >= 0; axis--)
        {
            coordinates[axis] = index % tensor.Dims[axis];
            index /= tensor.Dims[axis];
        }
        return coordinates;
    }
}

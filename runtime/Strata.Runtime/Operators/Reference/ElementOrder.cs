using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>The order of a tensor's elements: numbers by value with NaN above everything, false before true, strings by code unit.</summary>
internal static class ElementOrder
{
    /// <summary>Compares two elements by position.</summary>
    public static Comparison<int> Of(Tensor tensor)
    {
        if (tensor.ElementType == ElementType.String)
        {
            string[] strings = tensor.Strings.ToArray();
            return (a, b) => string.CompareOrdinal(strings[a], strings[b]);
        }
        if (tensor.ElementType.IsFloat())
        {
            var floats = tensor.ToDoubles();
            return (a, b) => double.IsNaN(floats[a]) || double.IsNaN(floats[b]) ? double.IsNaN(floats[a]).CompareTo(double.IsNaN(floats[b])) : floats[a].CompareTo(floats[b]);
        }
        var integers = tensor.ToInt64s();
        if (tensor.ElementType == ElementType.UInt64) integers = Array.ConvertAll(integers, static x => x ^ long.MinValue);
        return (a, b) => integers[a].CompareTo(integers[b]);
    }
}

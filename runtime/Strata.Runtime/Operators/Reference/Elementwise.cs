using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Elementwise evaluation of one operand: floats in binary64, rounded once; integers in 64 bits.</summary>
internal static class Elementwise
{
    /// <summary>Applies a function to a floating-point tensor.</summary>
    public static Tensor Map(Tensor x, Func<double, double> onFloats)
    {
        var values = x.ToDoubles();
        for (int i = 0; i < values.Length; i++) values[i] = onFloats(values[i]);
        return Tensor.FromDoubles(x.ElementType, x.Dims.AsSpan(), values);
    }

    /// <summary>Applies a function to a floating-point or integer tensor; unsigned integers stay as they are where it has no form of its own.</summary>
    public static Tensor Map(Tensor x, Func<double, double> onFloats, Func<long, long> onSigned, Func<ulong, ulong>? onUnsigned = null)
    {
        if (x.ElementType.IsFloat()) return Map(x, onFloats);
        bool signed = x.ElementType.Kind() == ElementKind.Signed;
        if (!signed && onUnsigned is null) return x;
        var values = x.ToInt64s();
        for (int i = 0; i < values.Length; i++) values[i] = unchecked(signed ? onSigned(values[i]) : (long)onUnsigned!((ulong)values[i]));
        return Tensor.FromInt64s(x.ElementType, x.Dims.AsSpan(), values);
    }

    /// <summary>Tests each element of a floating-point tensor.</summary>
    public static Tensor Test(Tensor x, Func<double, bool> test) =>
        Tensor.From<bool>(x.Dims.AsSpan(), Array.ConvertAll(x.ToDoubles(), v => test(v)));
}

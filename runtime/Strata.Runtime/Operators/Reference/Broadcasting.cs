using System.Numerics;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Elementwise evaluation of two operands under ONNX's (NumPy's) broadcasting.</summary>
internal static class Broadcasting
{
    /// <summary>The common shape of operands.</summary>
    public static int[] Dims(params ReadOnlySpan<Tensor> operands)
    {
        int[] dims = [];
        foreach (var operand in operands) dims = Dims(dims, operand.Dims.AsSpan());
        return dims;
    }

    /// <summary>The common shape of two shapes.</summary>
    public static int[] Dims(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        var dims = new int[Math.Max(a.Length, b.Length)];
        for (int i = 1; i <= dims.Length; i++)
        {
            int x = i <= a.Length ? a[^i] : 1, y = i <= b.Length ? b[^i] : 1;
            if (x != y && x != 1 && y != 1) throw ReferenceContext.Fail($"[{Tensor.Format(a)}] and [{Tensor.Format(b)}] do not broadcast");
            dims[^i] = x == 1 ? y : x;
        }
        return dims;
    }

    /// <summary>For each element of <paramref name="dims"/> in row-major order, the position in <paramref name="operand"/> that broadcasts to it.</summary>
    public static int[] Positions(Tensor operand, ReadOnlySpan<int> dims) => Positions(operand.Dims.AsSpan(), dims);

    /// <summary>For each element of <paramref name="dims"/> in row-major order, the position in a tensor of dimensions <paramref name="operand"/> that broadcasts to it.</summary>
    public static int[] Positions(ReadOnlySpan<int> operand, ReadOnlySpan<int> dims)
    {
        int count = Tensor.CountOf(dims);
        if (operand.SequenceEqual(dims)) return [.. Enumerable.Range(0, count)];
        if (Tensor.CountOf(operand) == 1) return new int[count];

        var strides = new int[dims.Length];
        for (int i = operand.Length - 1, stride = 1; i >= 0; stride *= operand[i], i--)
        {
            strides[dims.Length - operand.Length + i] = operand[i] == 1 ? 0 : stride;
        }
        return IndexMap.Strided(dims, strides);
    }

    /// <summary>
    /// Applies an operation in binary64 (floats; exact or correctly rounded for + − × ÷ of f32 and narrower), in 64-bit
    /// integers (the low bits of signed and unsigned + − × agree; <paramref name="onUInt64"/> serves where they do not), or in
    /// complex numbers.
    /// </summary>
    public static Tensor Arithmetic(
        Tensor a, Tensor b, Func<double, double, double> onFloats, Func<long, long, long> onIntegers,
        Func<Complex, Complex, Complex>? onComplex = null, Func<ulong, ulong, ulong>? onUInt64 = null)
    {
        var dims = Dims(a, b);
        int[] pa = Positions(a, dims), pb = Positions(b, dims);
        switch (a.ElementType.Kind())
        {
            case ElementKind.Float:
                return Tensor.FromDoubles(a.ElementType, dims, Map(a.ToDoubles(), b.ToDoubles(), pa, pb, onFloats));
            case ElementKind.Complex when onComplex is not null:
                return Tensor.FromComplex(a.ElementType, dims, Map(a.ToComplex(), b.ToComplex(), pa, pb, onComplex));
            case ElementKind.Unsigned when a.ElementType == ElementType.UInt64 && onUInt64 is not null:
                return Tensor.From<ulong>(dims, Map(a.Span<ulong>().ToArray(), b.Span<ulong>().ToArray(), pa, pb, onUInt64));
            case ElementKind.Signed or ElementKind.Unsigned:
                return Tensor.FromInt64s(a.ElementType, dims, Map(a.ToInt64s(), b.ToInt64s(), pa, pb, onIntegers));
            default:
                throw ReferenceContext.Fail($"no arithmetic on {a.ElementType.Name()}");
        }
    }

    /// <summary>Applies an operation to pairs of elements.</summary>
    public static TResult[] Map<T, TResult>(T[] a, T[] b, int[] pa, int[] pb, Func<T, T, TResult> operation)
    {
        var result = new TResult[pa.Length];
        for (int i = 0; i < result.Length; i++) result[i] = operation(a[pa[i]], b[pb[i]]);
        return result;
    }
}

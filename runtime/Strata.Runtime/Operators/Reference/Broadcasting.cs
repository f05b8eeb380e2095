using System.Numerics;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Elementwise evaluation of two operands under ONNX's (NumPy's) broadcasting.</summary>
internal static class Broadcasting
{
    /// <summary>The common shape of operands.</summary>
    public static int[] Dims(params ReadOnlySpan<Tensor> operands)
    {
        int rank = 0;
        foreach (var operand in operands) rank = Math.Max(rank, operand.Rank);
        var dims = new int[rank];
        Array.Fill(dims, 1);
        foreach (var operand in operands)
        {
            for (int i = 0; i < operand.Rank; i++)
            {
                int dim = operand.Dims[i], at = rank - operand.Rank + i;
                if (dims[at] == 1) dims[at] = dim;
                else if (dim != 1 && dim != dims[at]) throw ReferenceContext.Fail($"{operand} does not broadcast to [{Tensor.Format(dims)}]");
            }
        }
        return dims;
    }

    /// <summary>For each element of <paramref name="dims"/> in row-major order, the position in <paramref name="operand"/> that broadcasts to it.</summary>
    public static int[] Positions(Tensor operand, ReadOnlySpan<int> dims)
    {
        var positions = new int[Tensor.CountOf(dims)];
        if (operand.Dims.AsSpan().SequenceEqual(dims))
        {
            for (int i = 0; i < positions.Length; i++) positions[i] = i;
            return positions;
        }
        if (operand.Count == 1) return positions;

        var strides = new int[dims.Length];
        for (int i = operand.Rank - 1, stride = 1; i >= 0; stride *= operand.Dims[i], i--)
        {
            strides[dims.Length - operand.Rank + i] = operand.Dims[i] == 1 ? 0 : stride;
        }
        var index = new int[dims.Length];
        for (int i = 0, at = 0; i < positions.Length; i++)
        {
            positions[i] = at;
            for (int d = dims.Length - 1; d >= 0; d--)
            {
                at += strides[d];
                if (++index[d] < dims[d]) break;
                at -= strides[d] * dims[d];
                index[d] = 0;
            }
        }
        return positions;
    }

    /// <summary>
    /// Applies an operation in binary64 (floats; exact or correctly rounded for + − × ÷ of f32 and narrower), in 64-bit
    /// integers (the low bits of signed and unsigned + − × agree), or in complex numbers.
    /// </summary>
    public static Tensor Arithmetic(Tensor a, Tensor b, Func<double, double, double> onFloats, Func<long, long, long> onIntegers, Func<Complex, Complex, Complex>? onComplex = null)
    {
        var dims = Dims(a, b);
        int[] pa = Positions(a, dims), pb = Positions(b, dims);
        switch (a.ElementType.Kind())
        {
            case ElementKind.Float:
                return Tensor.FromDoubles(a.ElementType, dims, Map(a.ToDoubles(), b.ToDoubles(), pa, pb, onFloats));
            case ElementKind.Complex when onComplex is not null:
                return Tensor.FromComplex(a.ElementType, dims, Map(a.ToComplex(), b.ToComplex(), pa, pb, onComplex));
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

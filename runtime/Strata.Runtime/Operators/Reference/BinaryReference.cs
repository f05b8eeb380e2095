using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates elementwise functions of two and more operands under broadcasting.</summary>
internal static class BinaryReference
{
    public static Tensor Div(Tensor a, Tensor b) => Broadcasting.Arithmetic(a, b,
        static (x, y) => x / y, Divide, static (x, y) => x / y, static (x, y) => y == 0 ? throw DivisionByZero() : x / y);

    private static long Divide(long x, long y) => y == 0 ? throw DivisionByZero() : y == -1 ? unchecked(-x) : x / y;

    public static Tensor Mod(Mod op, Tensor a, Tensor b) => op.Fmod
        ? Broadcasting.Arithmetic(a, b, static (x, y) => x % y, Remainder, null, static (x, y) => y == 0 ? throw DivisionByZero() : x % y)
        : Broadcasting.Arithmetic(a, b, static (_, _) => throw ReferenceContext.Fail("fmod must be 1 for floats"), static (x, y) =>
        {
            long remainder = Remainder(x, y);
            return remainder != 0 && (remainder < 0) != (y < 0) ? remainder + y : remainder;
        }, null, static (x, y) => y == 0 ? throw DivisionByZero() : x % y);

    private static long Remainder(long x, long y) => y == 0 ? throw DivisionByZero() : y == -1 ? 0 : x % y;

    private static InvalidInputException DivisionByZero() => ReferenceContext.Fail("division of an integer by zero");

    public static Tensor Pow(Tensor a, Tensor b)
    {
        var dims = Broadcasting.Dims(a, b);
        int[] pa = Broadcasting.Positions(a, dims), pb = Broadcasting.Positions(b, dims);
        if (!a.ElementType.IsInteger()) return Tensor.FromDoubles(a.ElementType, dims, Broadcasting.Map(a.ToDoubles(), b.ToDoubles(), pa, pb, Math.Pow));
        bool signed = a.ElementType.Kind() == ElementKind.Signed;
        if (!b.ElementType.IsInteger()) return Tensor.FromDoubles(a.ElementType, dims, Broadcasting.Map(a.ToDoubles(), b.ToDoubles(), pa, pb, Math.Pow));
        bool signedExponent = b.ElementType.Kind() == ElementKind.Signed;
        return Tensor.FromInt64s(a.ElementType, dims, Broadcasting.Map(a.ToInt64s(), b.ToInt64s(), pa, pb, (x, y) => Power(x, y, signed, signedExponent)));
    }

    private static long Power(long x, long exponent, bool signed, bool signedExponent)
    {
        if (signedExponent && exponent < 0)
        {
            if (x == 0) throw DivisionByZero();
            // 1/xⁿ truncated: zero unless x is 1 or −1.
            return x == 1 ? 1 : signed && x == -1 ? ((exponent & 1) == 0 ? 1 : -1) : 0;
        }
        long result = 1;
        for (ulong n = (ulong)exponent; n != 0; n >>= 1, x = unchecked(x * x))
        {
            if ((n & 1) != 0) result = unchecked(result * x);
        }
        return result;
    }

    public static Tensor PRelu(Tensor x, Tensor slope)
    {
        // Broadcasting is one-way: the slope never widens the input.
        if (!Broadcasting.Dims(x, slope).AsSpan().SequenceEqual(x.Dims.AsSpan())) throw ReferenceContext.Fail($"the slope {slope} does not broadcast to the input {x}");
        return Broadcasting.Arithmetic(x, slope, static (v, s) => v < 0 ? s * v : v, static (v, s) => v < 0 ? unchecked(s * v) : v, null, static (v, _) => v);
    }

    public static Tensor Max(ReferenceContext context) => Fold(context, Math.Max, Math.Max, Math.Max);

    public static Tensor Min(ReferenceContext context) => Fold(context, Math.Min, Math.Min, Math.Min);

    private static Tensor Fold(ReferenceContext context, Func<double, double, double> onFloats, Func<long, long, long> onIntegers, Func<ulong, ulong, ulong> onUInt64)
    {
        var result = context[0];
        for (int i = 1; i < context.InputCount; i++) result = Broadcasting.Arithmetic(result, context[i], onFloats, onIntegers, null, onUInt64);
        return result;
    }

    /// <summary>The sum of all operands, divided by <paramref name="divisor"/>, rounded once.</summary>
    public static Tensor Sum(ReferenceContext context, int divisor)
    {
        var operands = Enumerable.Range(0, context.InputCount).Select(i => context[i]).ToArray();
        var dims = Broadcasting.Dims(operands);
        var sums = new double[Tensor.CountOf(dims)];
        foreach (var operand in operands)
        {
            int[] positions = Broadcasting.Positions(operand, dims);
            var values = operand.ToDoubles();
            for (int i = 0; i < sums.Length; i++) sums[i] += values[positions[i]];
        }
        for (int i = 0; i < sums.Length; i++) sums[i] /= divisor;
        return Tensor.FromDoubles(operands[0].ElementType, dims, sums);
    }

    public static Tensor BitShift(BitShift op, Tensor a, Tensor b)
    {
        var dims = Broadcasting.Dims(a, b);
        int width = a.ElementType.Bits();
        Func<long, long, long> shift = op.Direction == ShiftDirection.Left
            ? (x, n) => (ulong)n >= (ulong)width ? 0 : x << (int)n
            : (x, n) => (ulong)n >= (ulong)width ? 0 : x >>> (int)n;
        return Tensor.FromInt64s(a.ElementType, dims, Broadcasting.Map(a.ToInt64s(), b.ToInt64s(), Broadcasting.Positions(a, dims), Broadcasting.Positions(b, dims), shift));
    }

    public static Tensor Bitwise(Tensor a, Tensor b, Func<long, long, long> operation)
    {
        var dims = Broadcasting.Dims(a, b);
        return Tensor.FromInt64s(a.ElementType, dims, Broadcasting.Map(a.ToInt64s(), b.ToInt64s(), Broadcasting.Positions(a, dims), Broadcasting.Positions(b, dims), operation));
    }

    public static Tensor Logical(Logical op, Tensor a, Tensor b)
    {
        var dims = Broadcasting.Dims(a, b);
        return Tensor.From<bool>(dims, Broadcasting.Map(a.ToInt64s(), b.ToInt64s(), Broadcasting.Positions(a, dims), Broadcasting.Positions(b, dims), (x, y) => op.Combine(x != 0, y != 0)));
    }

    public static Tensor Equal(Tensor a, Tensor b)
    {
        if (a.ElementType != ElementType.String) return Compare(a, b, static (x, y) => x == y, static (x, y) => x == y);
        var dims = Broadcasting.Dims(a, b);
        return Tensor.From<bool>(dims, Broadcasting.Map(a.Strings.ToArray(), b.Strings.ToArray(), Broadcasting.Positions(a, dims), Broadcasting.Positions(b, dims), string.Equals));
    }

    public static Tensor Compare(Tensor a, Tensor b, Func<double, double, bool> onFloats, Func<long, long, bool> onIntegers)
    {
        var dims = Broadcasting.Dims(a, b);
        int[] pa = Broadcasting.Positions(a, dims), pb = Broadcasting.Positions(b, dims);
        return Tensor.From<bool>(dims, a.ElementType.IsFloat()
            ? Broadcasting.Map(a.ToDoubles(), b.ToDoubles(), pa, pb, onFloats)
            : Broadcasting.Map(Ordered(a), Ordered(b), pa, pb, onIntegers));
    }

    // With the highest bit flipped, unsigned 64-bit integers have the order of signed ones.
    private static long[] Ordered(Tensor x) => x.ElementType == ElementType.UInt64 ? Array.ConvertAll(x.ToInt64s(), static v => v ^ long.MinValue) : x.ToInt64s();

    public static Tensor Where(Tensor condition, Tensor x, Tensor y)
    {
        var dims = Broadcasting.Dims(condition, x, y);
        int[] pc = Broadcasting.Positions(condition, dims), px = Broadcasting.Positions(x, dims), py = Broadcasting.Positions(y, dims);
        var truth = condition.Span<byte>();
        for (int i = 0; i < px.Length; i++)
        {
            if (truth[pc[i]] == 0) px[i] = x.Count + py[i];
        }
        int both = checked(x.Count + y.Count);
        return Slabs.Gather(Slabs.Join([x.Reshape(x.Count), y.Reshape(y.Count)], [both], 0), dims, px);
    }

    public static Tensor Clip(ReferenceContext context)
    {
        var result = context[0];
        if (context.Tensor(1) is { } least) result = Broadcasting.Arithmetic(result, Scalar(least), Math.Max, Math.Max, null, Math.Max);
        if (context.Tensor(2) is { } most) result = Broadcasting.Arithmetic(result, Scalar(most), Math.Min, Math.Min, null, Math.Min);
        return result;

        static Tensor Scalar(Tensor bound) => bound.Count == 1 ? bound.Reshape() : throw ReferenceContext.Fail($"a bound must be a scalar, is {bound}");
    }
}

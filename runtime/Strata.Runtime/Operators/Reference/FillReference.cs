using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="NumberRange"/>, <see cref="OneHot"/>, <see cref="EyeLike"/> and <see cref="Dropout"/>.</summary>
internal static class FillReference
{
    public static Tensor Evaluate(NumberRange op, ReferenceContext context)
    {
        foreach (int i in new[] { 0, 1, 2 })
        {
            if (context[i].Count != 1) throw ReferenceContext.Fail($"input {i} must be a scalar, is {context[i]}");
        }
        var type = context[0].ElementType;
        if (type.IsInteger())
        {
            long start = context.One(0).ToInt64s()[0], delta = context.One(2).ToInt64s()[0];
            Int128 span = (Int128)context.One(1).ToInt64s()[0] - start;
            if (delta == 0) throw ReferenceContext.Fail("delta is 0");
            Int128 count = delta > 0 ? (span + delta - 1) / delta : (span + delta + 1) / delta;
            var integers = new long[Bounded((double)Int128.Max(count, 0))];
            for (int i = 0; i < integers.Length; i++) integers[i] = start + i * delta;
            return Tensor.FromInt64s(type, [integers.Length], integers);
        }
        double first = context.One(0).ToDoubles()[0], step = context.One(2).ToDoubles()[0];
        var values = new double[Bounded(NumberRange.Length(first, context.One(1).ToDoubles()[0], step))];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = first + i * step;
            if (type.Bits() == 16 && op.StashType == 1) values[i] = (float)values[i];
        }
        return Tensor.FromDoubles(type, [values.Length], values);
    }

    private static int Bounded(double count) => count <= int.MaxValue
        ? Slabs.Checked(ElementType.Float64, [(int)count])[0]
        : throw ReferenceContext.Fail($"a range of {count} elements is not possible");

    public static Tensor Evaluate(OneHot op, ReferenceContext context)
    {
        Tensor indices = context[0], values = context[2];
        if (context[1].Count != 1 || values.Count != 2) throw ReferenceContext.Fail($"depth {context[1]} must have one element, values {values} two");
        int depth = MovementReference.Extents(context[1])[0], axis = MovementReference.Axis(op.Axis, indices.Rank + 1);
        int[] dims = Slabs.Checked(values.ElementType, [.. indices.Dims[..axis], depth, .. indices.Dims[axis..]]);
        int inner = Tensor.CountOf(indices.Dims.AsSpan()[axis..]);
        var positions = new int[Tensor.CountOf(dims)];
        var hot = indices.ToInt64s();
        for (int i = 0; i < hot.Length; i++)
        {
            long index = hot[i] < 0 ? hot[i] + depth : hot[i];
            if (index >= 0 && index < depth) positions[(i / inner * depth + (int)index) * inner + i % inner] = 1;
        }
        return Slabs.Gather(values, dims, positions);
    }

    public static Tensor Evaluate(EyeLike op, ReferenceContext context)
    {
        var dims = context[0].Dims;
        if (dims.Length != 2) throw ReferenceContext.Fail($"the operand must be a matrix, is {context[0]}");
        var values = new long[context[0].Count];
        for (int row = 0; row < dims[0]; row++)
        {
            if (row + op.Diagonal >= 0 && row + op.Diagonal < dims[1]) values[row * dims[1] + row + (int)op.Diagonal] = 1;
        }
        return Tensor.FromInt64s(op.Type ?? context[0].ElementType, dims.AsSpan(), values);
    }

    public static IReadOnlyList<RuntimeValue?> Evaluate(Dropout op, ReferenceContext context)
    {
        var data = context[0];
        double ratio = context.Has(1) ? context.One(1).ToDoubles()[0] : 0.5;
        if (ratio is not (>= 0 and <= 1)) throw ReferenceContext.Fail($"the ratio is {ratio}; allowed are 0 to 1");
        bool training = context.Has(2) && context.One(2).ToInt64s()[0] != 0;
        var mask = new byte[data.Count];
        Array.Fill(mask, (byte)1);
        if (training && ratio > 0)
        {
            var values = data.ToDoubles();
            var random = new MersenneTwister(unchecked((uint)(op.Seed ?? 0)));
            for (int i = 0; i < mask.Length; i++)
            {
                mask[i] = (byte)(random.NextDouble() >= ratio ? 1 : 0);
                values[i] = mask[i] == 0 ? 0 : values[i] / (1 - ratio);
            }
            data = Tensor.FromDoubles(data.ElementType, data.Dims.AsSpan(), values);
        }
        return [data, Tensor.FromBytes(ElementType.Bool, data.Dims.AsSpan(), mask)];
    }
}

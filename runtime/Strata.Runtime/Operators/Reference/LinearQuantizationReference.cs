using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="QuantizeLinear"/>, <see cref="DequantizeLinear"/> and <see cref="DynamicQuantizeLinear"/>.</summary>
internal static class LinearQuantizationReference
{
    public static Tensor Quantize(QuantizeLinear op, ReferenceContext context)
    {
        Tensor x = context[0], scale = context[1];
        Tensor? zeroPoint = context.Tensor(2);
        var type = op.OutputType ?? zeroPoint?.ElementType ?? ElementType.UInt8;
        var precision = op.Precision ?? (scale.ElementType is ElementType.Int32 or ElementType.Float8E8M0
            ? x.ElementType == ElementType.Int32 ? ElementType.Float32 : x.ElementType
            : scale.ElementType);
        double[] values = Round(precision, x), scales = Round(precision, scale);
        double[]? zeros = zeroPoint?.ToDoubles();
        int[] at = Positions(op, x, scale, zeroPoint);
        for (int i = 0; i < values.Length; i++) values[i] /= scales[at[i]];
        values = Tensor.FromDoubles(precision, x.Dims.AsSpan(), values).ToDoubles();
        if (!type.IsInteger())
        {
            for (int i = 0; i < values.Length && zeros is not null; i++) values[i] += zeros[at[i]];
            return Tensor.FromDoubles(type, x.Dims.AsSpan(), values, op.Saturate);
        }
        var codes = new long[values.Length];
        for (int i = 0; i < codes.Length; i++) codes[i] = Requantization.Code(values[i], zeros is null ? 0 : (long)zeros[at[i]], type);
        return Tensor.FromInt64s(type, x.Dims.AsSpan(), codes);
    }

    public static Tensor Dequantize(DequantizeLinear op, ReferenceContext context)
    {
        Tensor x = context[0], scale = context[1];
        Tensor? zeroPoint = context.Tensor(2);
        double[] values = x.ToDoubles(), scales = scale.ToDoubles();
        double[]? zeros = zeroPoint?.ToDoubles();
        int[] at = Positions(op, x, scale, zeroPoint);
        for (int i = 0; i < values.Length; i++)
        {
            // The difference is exact in binary32 for all codes but i32, which the specification multiplies as binary32.
            float difference = (float)(zeros is null ? values[i] : values[i] - zeros[at[i]]);
            values[i] = difference * scales[at[i]];
        }
        return Tensor.FromDoubles(op.OutputType ?? scale.ElementType, x.Dims.AsSpan(), values);
    }

    public static IReadOnlyList<RuntimeValue?> DynamicQuantize(DynamicQuantizeLinear _, ReferenceContext context)
    {
        var x = context[0];
        var values = x.Span<float>();
        float least = 0, most = 0;
        foreach (float value in values) (least, most) = (Math.Min(least, value), Math.Max(most, value));
        float scale = least == most ? 1 : (most - least) / 255;
        byte zeroPoint = (byte)Requantization.Code(Math.Clamp(-least / scale, 0, 255), 0, ElementType.UInt8);
        var codes = new byte[values.Length];
        for (int i = 0; i < codes.Length; i++) codes[i] = (byte)Requantization.Code(values[i] / scale, zeroPoint, ElementType.UInt8);
        return [Tensor.From<byte>(x.Dims.AsSpan(), codes), Tensor.Scalar(scale), Tensor.Scalar(zeroPoint)];
    }

    private static double[] Round(ElementType precision, Tensor x) =>
        x.ElementType == precision ? x.ToDoubles() : Tensor.FromDoubles(precision, x.Dims.AsSpan(), x.ToDoubles()).ToDoubles();

    // For each element of x, the position of its scale.
    private static int[] Positions(LinearQuantization op, Tensor x, Tensor scale, Tensor? zeroPoint)
    {
        if (zeroPoint is not null && zeroPoint.Count != scale.Count) throw ReferenceContext.Fail($"scale {scale} and zero-point {zeroPoint} must have the same shape");
        var positions = new int[x.Count];
        if (scale.Count == 1) return positions;
        int axis = x.Rank == 1 ? 0 : (int)(op.Axis < 0 ? op.Axis + x.Rank : op.Axis);
        if (axis < 0 || axis >= x.Rank) throw ReferenceContext.Fail($"axis {op.Axis} lies outside {x}");
        int extent = x.Dims[axis], inner = 1;
        for (int d = axis + 1; d < x.Rank; d++) inner *= x.Dims[d];
        int block = (int)op.BlockSize, scales = block == 0 ? extent : (int)(((long)extent + block - 1) / block);
        int expected = block == 0 ? extent : extent == 0 ? 0 : x.Count / extent * scales;
        if (scale.Count != expected) throw ReferenceContext.Fail($"scale {scale} does not fit {x} along axis {axis}" + (block == 0 ? "" : $" in blocks of {block}"));
        for (int i = 0; i < positions.Length; i++)
        {
            int along = i / inner % extent;
            positions[i] = block == 0 ? along : (i / inner / extent * scales + along / block) * inner + i % inner;
        }
        return positions;
    }
}

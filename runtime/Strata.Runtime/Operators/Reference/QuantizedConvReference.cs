using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="ConvInteger"/> and <see cref="QLinearConv"/>. Integer sums are exact in binary64.</summary>
internal static class QuantizedConvReference
{
    public static Tensor Integer(ConvInteger op, ReferenceContext context)
    {
        var (sums, dims) = Sums(context, context[0], context.Tensor(2), context[1], context.Tensor(3), null, op.Window, op.Group);
        return Tensor.FromInt64s(ElementType.Int32, dims, sums);
    }

    public static Tensor Linear(QLinearConv op, ReferenceContext context)
    {
        Tensor w = context[3], weightScale = context[4], y = context[7];
        var (sums, dims) = Sums(context, context[0], context[2], w, context[5], context.Tensor(8), op.Window, op.Group);
        float inputScale = Scalar(context, 1), outputScale = Scalar(context, 6);
        long zeroPoint = y.Count == 1 ? y.ToInt64s()[0] : throw ReferenceContext.Fail($"the output's zero point must be a scalar, is {y}");
        int channels = dims[1], size = Tensor.CountOf(dims.AsSpan()[2..]);
        if (weightScale.Count != 1 && weightScale.Count != channels) throw ReferenceContext.Fail($"the weights have {weightScale.Count} scales for {channels} output channels");
        var scales = weightScale.Span<float>();
        for (int i = 0; i < sums.Length; i++)
        {
            float factor = Requantization.Multiplier(inputScale, scales[scales.Length == 1 ? 0 : i / size % channels], outputScale);
            sums[i] = Requantization.Code(unchecked((int)sums[i]), factor, zeroPoint, y.ElementType);
        }
        return Tensor.FromInt64s(y.ElementType, dims, sums);
    }

    /// <summary>A scale that must be one number.</summary>
    internal static float Scalar(ReferenceContext context, int index) => context[index].Count == 1
        ? context[index].Span<float>()[0]
        : throw ReferenceContext.Fail($"input {index} must be a scalar, is {context[index]}");

    private static (long[] Sums, int[] Dims) Sums(ReferenceContext context, Tensor x, Tensor? xZero, Tensor w, Tensor? wZero, Tensor? bias, WindowAttributes attributes, long group)
    {
        ConvReference.CheckOperands(x, w, bias, group);
        var window = WindowGeometry.ForConv(attributes, x.Dims, w.Dims);
        double[] values = Centered(x, xZero, 1), weights = Centered(w, wZero, w.Dims[0]);
        double[] sums = ConvReference.Convolve(context, values, weights, bias?.ToDoubles(), x.Dims[0], w.Dims[0], (int)group, w.Dims[1], window);
        return (Array.ConvertAll(sums, static s => (long)s), [x.Dims[0], w.Dims[0], .. window.Output]);
    }

    private static double[] Centered(Tensor codes, Tensor? zeroPoint, int channels)
    {
        double[] values = codes.ToDoubles();
        if (zeroPoint is null) return values;
        double[] zeros = zeroPoint.ToDoubles();
        if (zeros.Length != 1 && zeros.Length != channels) throw ReferenceContext.Fail($"{zeros.Length} zero points for {channels} channels");
        int size = Math.Max(1, values.Length / Math.Max(1, zeros.Length));
        for (int i = 0; i < values.Length; i++) values[i] -= zeros[i / size];
        return values;
    }
}

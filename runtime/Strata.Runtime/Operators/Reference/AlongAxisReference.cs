using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="AlongAxis"/> operators in binary64, one line of elements at a time.</summary>
internal static class AlongAxisReference
{
    private delegate void Line(Span<double> values);

    public static Tensor Softmax(Softmax op, ReferenceContext context) => Apply(context[0], op.Axis, static line =>
    {
        double sum = Exponentials(line, out _);
        for (int i = 0; i < line.Length; i++) line[i] /= sum;
    });

    public static Tensor LogSoftmax(LogSoftmax op, ReferenceContext context) => Apply(context[0], op.Axis, static line =>
    {
        Span<double> shifted = line.ToArray();
        double log = Math.Log(Exponentials(shifted, out double largest));
        for (int i = 0; i < line.Length; i++) line[i] = line[i] - largest - log;
    });

    public static Tensor Hardmax(Hardmax op, ReferenceContext context) => Apply(context[0], op.Axis, static line =>
    {
        int best = 0;
        for (int i = 1; i < line.Length; i++)
        {
            if (line[i] > line[best]) best = i;
        }
        for (int i = 0; i < line.Length; i++) line[i] = i == best ? 1 : 0;
    });

    public static Tensor LpNormalization(LpNormalization op, ReferenceContext context) => Apply(context[0], op.Axis, line =>
    {
        double norm = 0;
        foreach (double value in line) norm += op.P == 1 ? Math.Abs(value) : value * value;
        if (op.P == 2) norm = Math.Sqrt(norm);
        for (int i = 0; i < line.Length; i++) line[i] = norm == 0 ? 0 : line[i] / norm;
    });

    // Subtracting the largest element changes no quotient and keeps exp from overflowing.
    private static double Exponentials(Span<double> line, out double largest)
    {
        largest = double.NegativeInfinity;
        foreach (double value in line) largest = Math.Max(largest, value);
        double sum = 0;
        for (int i = 0; i < line.Length; i++) sum += line[i] = Math.Exp(line[i] - largest);
        return sum;
    }

    private static Tensor Apply(Tensor x, long signedAxis, Line function)
    {
        int axis = (int)(signedAxis < 0 ? signedAxis + x.Rank : signedAxis);
        if (axis < 0 || axis >= x.Rank) throw ReferenceContext.Fail($"axis {signedAxis} lies outside {x}");
        double[] values = x.ToDoubles();
        int length = x.Dims[axis], inner = Tensor.CountOf(x.Dims.AsSpan()[(axis + 1)..]);
        if (values.Length == 0) return x;
        var line = new double[length];
        for (int start = 0; start < values.Length; start += length * inner)
        {
            for (int offset = start; offset < start + inner; offset++)
            {
                for (int i = 0; i < length; i++) line[i] = values[offset + i * inner];
                function(line);
                for (int i = 0; i < length; i++) values[offset + i * inner] = line[i];
            }
        }
        return Tensor.FromDoubles(x.ElementType, x.Dims.AsSpan(), values);
    }
}

using System.Numerics;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Dft"/>.</summary>
internal static class DftReference
{
    public static Tensor Evaluate(Dft op, ReferenceContext context)
    {
        var x = context[0];
        int last = x.Rank - 1;
        if (last < 1 || x.Dims[last] is not (1 or 2)) throw ReferenceContext.Fail($"the input needs a last axis of 1 or 2, is {x}");
        long given = context.Has(2) ? StftReference.Scalar(context, 2) : -2;
        int axis = (int)(given < 0 ? given + x.Rank : given);
        if (axis < 0 || axis >= last) throw ReferenceContext.Fail($"axis {given} is no signal axis of {x}");
        int extent = x.Dims[axis], parts = x.Dims[last];
        bool toReal = op is { Inverse: true, Onesided: true };
        long asked = context.Has(1) ? StftReference.Scalar(context, 1) : toReal ? 2L * (extent - 1) : extent;
        if (asked is < 1 or > int.MaxValue) throw ReferenceContext.Fail($"the length must be positive, is {asked}");
        int length = (int)asked, bins = op is { Onesided: true, Inverse: false } ? length / 2 + 1 : length, outParts = toReal ? 1 : 2;

        int[] dims = [.. x.Dims];
        (dims[axis], dims[last]) = (bins, outParts);
        var result = new double[Tensor.CountOf(dims)];
        double[] values = x.ToDoubles();
        int inner = Tensor.CountOf(x.Dims.AsSpan()[(axis + 1)..last]), outer = Tensor.CountOf(x.Dims.AsSpan()[..axis]);
        var line = new Complex[length];
        for (int o = 0; o < outer; o++)
        {
            for (int i = 0; i < inner; i++)
            {
                Array.Clear(line);
                for (int n = 0; n < Math.Min(length, extent); n++)
                {
                    int at = ((o * extent + n) * inner + i) * parts;
                    line[n] = new(values[at], parts == 2 ? values[at + 1] : 0);
                }
                if (toReal) Mirror(line, extent);
                var spectrum = Fourier.Transform(context, line, op.Inverse);
                for (int k = 0; k < bins; k++)
                {
                    int at = ((o * bins + k) * inner + i) * outParts;
                    result[at] = spectrum[k].Real;
                    if (outParts == 2) result[at + 1] = spectrum[k].Imaginary;
                }
            }
        }
        return Tensor.FromDoubles(x.ElementType, dims, result);
    }

    // The spectrum of a real signal: the upper half mirrors the lower, bin 0 and the middle one are real.
    private static void Mirror(Complex[] spectrum, int given)
    {
        int half = spectrum.Length / 2;
        for (int k = given; k <= half; k++) spectrum[k] = Complex.Zero;
        spectrum[0] = spectrum[0].Real;
        if (spectrum.Length % 2 == 0) spectrum[half] = spectrum[half].Real;
        for (int k = half + 1; k < spectrum.Length; k++) spectrum[k] = Complex.Conjugate(spectrum[spectrum.Length - k]);
    }
}

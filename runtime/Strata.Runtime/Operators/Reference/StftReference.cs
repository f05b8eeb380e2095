using System.Numerics;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Stft"/>.</summary>
internal static class StftReference
{
    public static Tensor Evaluate(Stft op, ReferenceContext context)
    {
        var signal = context[0];
        if (signal.Rank is not (2 or 3) || signal.Rank == 3 && signal.Dims[2] is not (1 or 2)) throw ReferenceContext.Fail($"the signal needs shape [batch, length, 1 or 2], is {signal}");
        int batch = signal.Dims[0], length = signal.Dims[1], parts = signal.Rank == 3 ? signal.Dims[2] : 1;
        double[]? window = context.Tensor(2)?.ToDoubles();
        long step = Scalar(context, 1), frame = context.Has(3) ? Scalar(context, 3) : window?.Length ?? length;
        if (step < 1) throw ReferenceContext.Fail($"the frame step must be positive, is {step}");
        if (frame < 1 || frame > length) throw ReferenceContext.Fail($"a frame of {frame} does not fit a signal of {length}");
        if (window is not null && window.Length != frame) throw ReferenceContext.Fail($"the window has {window.Length} elements for frames of {frame}");

        int frames = (int)((length - frame) / step) + 1, bins = (int)(op.Onesided ? frame / 2 + 1 : frame);
        int[] dims = [batch, frames, bins, 2];
        double[] values = signal.ToDoubles();
        var result = new double[Tensor.CountOf(dims)];
        var cut = new Complex[frame];
        for (int f = 0; f < batch * frames; f++)
        {
            int start = f / frames * length + (int)(f % frames * step);
            for (int i = 0; i < cut.Length; i++)
            {
                double real = values[(start + i) * parts], imaginary = parts == 2 ? values[(start + i) * parts + 1] : 0;
                cut[i] = new Complex(real, imaginary) * (window?[i] ?? 1);
            }
            var spectrum = Fourier.Transform(context, cut, inverse: false);
            for (int k = 0; k < bins; k++) (result[(f * bins + k) * 2], result[(f * bins + k) * 2 + 1]) = (spectrum[k].Real, spectrum[k].Imaginary);
        }
        return Tensor.FromDoubles(signal.ElementType, dims, result);
    }

    /// <summary>An integer operand that must be one number.</summary>
    internal static long Scalar(ReferenceContext context, int index) => context[index].Count == 1
        ? context[index].ToInt64s()[0]
        : throw ReferenceContext.Fail($"input {index} must be a scalar, is {context[index]}");
}

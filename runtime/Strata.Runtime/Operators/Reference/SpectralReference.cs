using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates window functions and the mel weight matrix.</summary>
internal static class SpectralReference
{
    public static Tensor Window(SpectralWindow op, ReferenceContext context)
    {
        long length = StftReference.Scalar(context, 0);
        if (length is < 0 or > int.MaxValue) throw ReferenceContext.Fail($"the length cannot be {length}");
        var result = new double[Tensor.CountOf([(int)length])];
        var (constant, first, second) = op.Coefficients;
        double period = op.Periodic ? length : length - 1;
        for (int i = 0; i < result.Length; i++)
        {
            double angle = 2 * Math.PI * i / period;
            result[i] = constant + first * Math.Cos(angle) + second * Math.Cos(2 * angle);
        }
        return Tensor.FromDoubles(op.OutputDatatype!.Value, [result.Length], result);
    }

    public static Tensor MelWeights(MelWeightMatrix op, ReferenceContext context)
    {
        long bands = StftReference.Scalar(context, 0), length = StftReference.Scalar(context, 1), rate = StftReference.Scalar(context, 2);
        if (bands is < 0 or >= int.MaxValue - 2 || length is < 0 or > int.MaxValue || rate < 1) throw ReferenceContext.Fail($"{bands} bands, length {length}, rate {rate} are not possible");
        double low = Mel(Frequency(context, 3)), high = Mel(Frequency(context, 4));
        int bins = (int)(length / 2 + 1);
        int[] dims = [bins, (int)bands];
        var result = new double[Tensor.CountOf(dims)];
        for (int band = 0; band < bands; band++)
        {
            int left = Bin(band), center = Bin(band + 1), right = Bin(band + 2);
            if (left < 0 || center >= bins || right > bins) throw ReferenceContext.Fail($"band {band} reaches bins {left} to {right}, the spectrum has {bins}");
            if (left == center) result[center * bands + band] = 1;
            for (int j = left; j <= center && left < center; j++) result[j * bands + band] = (double)(j - left) / (center - left);
            for (int j = center; j < right; j++) result[j * bands + band] = (double)(right - j) / (right - center);
        }
        return Tensor.FromDoubles(op.OutputDatatype!.Value, dims, result);

        int Bin(int edge)
        {
            double hertz = 700 * (Math.Pow(10, (low + edge * (high - low) / (bands + 2)) / 2595) - 1);
            return (int)Math.Clamp(Math.Floor((length + 1) * hertz / rate), int.MinValue, int.MaxValue);
        }
    }

    private static double Mel(double hertz) => 2595 * Math.Log10(1 + hertz / 700);

    private static double Frequency(ReferenceContext context, int index) => context[index].Count == 1
        ? context[index].ToDoubles()[0]
        : throw ReferenceContext.Fail($"input {index} must be a scalar, is {context[index]}");
}

using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates the operators that draw numbers.</summary>
internal static class RandomReference
{
    public static Tensor Normal(RandomNormal op) => Fill(op.Dtype ?? ElementType.Float32, Dims(op), new(op.Seed), r => op.Mean + op.Scale * r.Normal());

    public static Tensor NormalLike(RandomNormalLike op, Tensor like) => Fill(op.Dtype ?? like.ElementType, [.. like.Dims], new(op.Seed), r => op.Mean + op.Scale * r.Normal());

    public static Tensor Uniform(RandomUniform op) => Fill(op.Dtype ?? ElementType.Float32, Dims(op), new(op.Seed), r => op.Low + (op.High - op.Low) * r.Uniform());

    public static Tensor UniformLike(RandomUniformLike op, Tensor like) => Fill(op.Dtype ?? like.ElementType, [.. like.Dims], new(op.Seed), r => op.Low + (op.High - op.Low) * r.Uniform());

    public static Tensor Bernoulli(Bernoulli op, Tensor probabilities)
    {
        var random = new SplitMix(op.Seed);
        double[] draws = Array.ConvertAll(probabilities.ToDoubles(), p => random.Uniform() < p ? 1.0 : 0);
        return Tensor.FromDoubles(op.Dtype ?? probabilities.ElementType, probabilities.Dims.AsSpan(), draws);
    }

    public static Tensor Multinomial(Multinomial op, Tensor x)
    {
        if (x.Rank != 2 || x.Dims[1] == 0) throw ReferenceContext.Fail($"the input must be [batch, classes] with at least one class, is {x}");
        int batch = x.Dims[0], classes = x.Dims[1], samples = (int)op.SampleSize;
        int[] dims = [batch, samples];
        var result = new long[Tensor.CountOf(dims)];
        var random = new SplitMix(op.Seed);
        var logits = x.ToDoubles();
        for (int b = 0; b < batch; b++)
        {
            var row = logits.AsSpan(b * classes, classes);
            double largest = double.NegativeInfinity, total = 0;
            foreach (double value in row) largest = Math.Max(largest, value);
            var sums = new double[classes];
            for (int c = 0; c < classes; c++) sums[c] = total += Math.Exp(row[c] - largest);
            for (int s = 0; s < samples; s++)
            {
                double draw = random.Uniform() * total;
                int chosen = Array.FindIndex(sums, sum => draw < sum);
                result[b * samples + s] = chosen < 0 ? classes - 1 : chosen;
            }
        }
        return Tensor.FromInt64s(op.Dtype ?? ElementType.Int32, dims, result);
    }

    private static int[] Dims(RandomTensor op) => [.. op.Dimensions.Select(d => (int)d)];

    private static Tensor Fill(ElementType type, int[] dims, SplitMix random, Func<SplitMix, double> draw)
    {
        var values = new double[Tensor.CountOf(dims)];
        for (int i = 0; i < values.Length; i++) values[i] = draw(random);
        return Tensor.FromDoubles(type, dims, values);
    }

    // SplitMix64 (Steele, Lea, Flood 2014).
    private sealed class SplitMix(float? seed)
    {
        private ulong state = BitConverter.SingleToUInt32Bits(seed ?? 0);

        // In [0, 1), 53 bits.
        public double Uniform()
        {
            ulong z = unchecked(state += 0x9E3779B97F4A7C15);
            z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
            z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1L << 53));
        }

        // Box and Muller; 1 − u is never zero.
        public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());
    }
}

namespace Strata.Compiler.Calibration;

/// <summary>Sounds: a voice of harmonics whose pitch glides, a sweep, and noise, each with an envelope of its own.</summary>
internal static class Sounds
{
    private const int Harmonics = 8;

    /// <summary>Rows of samples within about ±1.</summary>
    public static double[] Draw(int rows, int length, SplitMix source)
    {
        var values = new double[rows * length];
        for (int row = 0; row < rows; row++)
        {
            double pitch = source.Between(0.005, 0.03), glide = source.Between(-0.3, 0.3), loudness = source.Between(0.05, 0.5), noise = source.Between(0.001, 0.05);
            double from = source.Between(0.01, 0.1), to = source.Between(0.1, 0.4), sweep = source.Between(0, 0.2), beat = source.Between(2, 8), phase = 0, sweepPhase = 0;
            for (int i = 0; i < length; i++)
            {
                double time = (double)i / length;
                phase += 2 * Math.PI * pitch * (1 + glide * time);
                sweepPhase += 2 * Math.PI * (from + (to - from) * time);
                double envelope = 0.5 * (1 - Math.Cos(2 * Math.PI * beat * time)), voice = 0;
                for (int h = 1; h <= Harmonics; h++) voice += Math.Sin(h * phase) / h;
                values[row * length + i] = loudness * envelope * voice / 2 + sweep * Math.Sin(sweepPhase) + noise * source.Between(-1.7, 1.7);
            }
        }
        return values;
    }
}

namespace Strata.Models.Building;

/// <summary>
/// Gives a weight its values, one row (everything but the first dimension) after the other, so that a weight of any
/// size can be written without holding it.
/// </summary>
/// <param name="random">The weight's own stream, at its start for row 0.</param>
/// <param name="row">The index in the first dimension.</param>
/// <param name="values">The row.</param>
internal delegate void Fill(RandomStream random, int row, Span<float> values);

/// <summary>Distributions of weights.</summary>
internal static class Fills
{
    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public static Fill Uniform(double low, double high) => (random, _, values) =>
    {
        foreach (ref float value in values) value = (float)random.Uniform(low, high);
    };

    /// <summary>Normally distributed.</summary>
    public static Fill Normal(double mean, double deviation) => (random, _, values) =>
    {
        foreach (ref float value in values) value = (float)(mean + deviation * random.Normal());
    };

    /// <summary>Of mean 0, with the tails of trained weights.</summary>
    public static Fill Weights(double deviation) => (random, _, values) =>
    {
        foreach (ref float value in values) value = (float)(deviation * random.HeavyTailed());
    };

    /// <summary>As <see cref="Weights"/>, each row (output channel) scaled by its <see cref="ChannelScale"/>.</summary>
    public static Fill Filters(double deviation) => (random, row, values) =>
    {
        double scale = deviation * ChannelScale(random.Seed, row);
        foreach (ref float value in values) value = (float)(scale * random.HeavyTailed());
    };

    /// <summary>
    /// What sets the output channels of a trained convolution apart, in [0.5, 1.5); a batch normalisation behind it has
    /// seen the same scale in its running statistics.
    /// </summary>
    public static double ChannelScale(ulong seed, int channel) => new RandomStream(seed + (ulong)channel).Uniform(0.5, 1.5);
}

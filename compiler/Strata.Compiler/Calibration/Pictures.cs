namespace Strata.Compiler.Calibration;

/// <summary>The extents of a batch of pictures.</summary>
internal readonly record struct PictureShape(int Images, int Channels, int Height, int Width, bool ChannelsLast);

/// <summary>Pictures: waves whose amplitude falls with their frequency, as in photographs, and shapes of even colour before them.</summary>
internal static class Pictures
{
    private const int Waves = 24;

    /// <summary>Values around 0 of standard deviation about 1, which is how most models take pictures.</summary>
    public static double[] Draw(PictureShape shape, SplitMix source)
    {
        var values = new double[shape.Images * shape.Channels * shape.Height * shape.Width];
        for (int image = 0; image < shape.Images; image++) Draw(shape, image, values, source);
        return values;
    }

    private static void Draw(PictureShape shape, int image, double[] values, SplitMix source)
    {
        double mostFrequency = Math.Max(2, Math.Min(shape.Height, shape.Width) / 3.0), brightness = source.Between(-0.5, 0.5);
        for (int wave = 0; wave < Waves; wave++)
        {
            double frequency = Math.Exp(source.Between(0, Math.Log(mostFrequency))), angle = source.Between(0, Math.PI), phase = source.Between(0, 2 * Math.PI), amplitude = 0.9 / Math.Sqrt(frequency * Waves / 4.0);
            double dx = 2 * Math.PI * frequency * Math.Cos(angle) / shape.Width, dy = 2 * Math.PI * frequency * Math.Sin(angle) / shape.Height;
            double[] colour = Colour(shape, source, 0.3);
            for (int y = 0; y < shape.Height; y++)
            {
                for (int x = 0; x < shape.Width; x++)
                {
                    double value = amplitude * Math.Sin(dx * x + dy * y + phase);
                    for (int c = 0; c < shape.Channels; c++) values[At(shape, image, c, y, x)] += value * colour[c] + brightness / Waves;
                }
            }
        }
        for (int shapes = 2 + source.Below(5); shapes > 0; shapes--) DrawShape(shape, image, values, source);
    }

    private static void DrawShape(PictureShape shape, int image, double[] values, SplitMix source)
    {
        double centreX = source.Between(0, shape.Width), centreY = source.Between(0, shape.Height), halfWidth = source.Between(0.05, 0.3) * shape.Width, halfHeight = source.Between(0.05, 0.3) * shape.Height;
        bool isEllipse = source.Below(2) == 0;
        double level = source.Between(-1.8, 1.8);
        double[] colour = Colour(shape, source, 0.6);
        for (int y = Math.Max(0, (int)(centreY - halfHeight)); y < Math.Min(shape.Height, centreY + halfHeight); y++)
        {
            for (int x = Math.Max(0, (int)(centreX - halfWidth)); x < Math.Min(shape.Width, centreX + halfWidth); x++)
            {
                double u = (x - centreX) / halfWidth, v = (y - centreY) / halfHeight;
                if (isEllipse && u * u + v * v > 1) continue;
                for (int c = 0; c < shape.Channels; c++) values[At(shape, image, c, y, x)] = level * colour[c];
            }
        }
    }

    // Mostly grey: channels of pictures are alike.
    private static double[] Colour(PictureShape shape, SplitMix source, double saturation)
    {
        var colour = new double[shape.Channels];
        for (int c = 0; c < colour.Length; c++) colour[c] = 1 + source.Between(-saturation, saturation);
        return colour;
    }

    private static int At(PictureShape shape, int image, int channel, int y, int x) => shape.ChannelsLast
        ? ((image * shape.Height + y) * shape.Width + x) * shape.Channels + channel
        : ((image * shape.Channels + channel) * shape.Height + y) * shape.Width + x;
}

namespace Strata.Models.Building;

/// <summary>What a layer sees of its input: the mean of all channels, and their mean square.</summary>
internal readonly record struct Level(double Mean, double Square)
{
    /// <summary>Normalised values.</summary>
    public static Level Standard => new(0, 1);

    /// <summary>Normalised values behind a ReLU.</summary>
    public static Level Rectified => new(0.4, 0.5);

    /// <summary>The largest of four normalised values behind a ReLU.</summary>
    public static Level Pooled => new(0.75, 1.05);
}

/// <summary>
/// Layers of convolutional networks, named as PyTorch names their weights. Weights are scaled (He) and normalisations
/// have statistics such that activations keep their range, and depend on the input, at any depth.
/// </summary>
internal static class ConvolutionLayers
{
    /// <summary><c>[N, inputs, H, W] → [N, outputs, H', W']</c>, square kernel, "same" padding for odd kernels.</summary>
    public static string Conv(this GraphBuilder g, string x, int inputs, int outputs, int kernel, int stride = 1, int groups = 1, bool bias = false)
    {
        int fanIn = inputs / groups * kernel * kernel, pad = (kernel - 1) / 2;
        List<string> operands = [x, g.Parameter("weight", [outputs, inputs / groups, kernel, kernel], ConvFill(fanIn))];
        if (bias) operands.Add(g.Parameter("bias", [outputs], Fills.Normal(0, 0.05)));
        return g.Node("Conv", operands,
            ("dilations", new[] { 1, 1 }), ("group", groups), ("kernel_shape", new[] { kernel, kernel }),
            ("pads", new[] { pad, pad, pad, pad }), ("strides", new[] { stride, stride }));
    }

    /// <summary>A convolution without bias at module <paramref name="conv"/>, normalised at module <paramref name="norm"/>.</summary>
    /// <param name="g">The module above both.</param>
    /// <param name="conv">The convolution's module.</param>
    /// <param name="norm">The normalisation's module; its running statistics fit the convolution's weights.</param>
    /// <param name="x"><c>[N, inputs, H, W]</c>.</param>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">Height and width of the kernel.</param>
    /// <param name="stride">Step in both directions.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <param name="level">What is known of <paramref name="x"/>; <see cref="Level.Rectified"/> when left out.</param>
    /// <param name="gamma">The deviation of the result; below 1 on a residual branch, so that sums stay in range.</param>
    public static string ConvBatchNorm(
        this GraphBuilder g, string conv, string norm, string x, int inputs, int outputs, int kernel,
        int stride = 1, int groups = 1, Level? level = null, double gamma = 1)
    {
        int fanIn = inputs / groups * kernel * kernel;
        var (mean, square) = level ?? Level.Rectified;
        string y = g[conv].Conv(x, inputs, outputs, kernel, stride, groups);
        ulong seed = g.SeedOf(g[conv].WeightName("weight"));
        return g[norm].BatchNorm(y, outputs, gamma,
            mean: (random, _, values) =>
            {
                var filters = new RandomStream(seed);
                float[] filter = new float[fanIn];
                for (int c = 0; c < values.Length; c++)
                {
                    ConvFill(fanIn)(filters, c, filter);
                    double sum = 0;
                    foreach (float weight in filter) sum += weight;
                    values[c] = (float)(mean * sum + 0.1 * random.Normal());
                }
            },
            variance: (random, _, values) =>
            {
                for (int c = 0; c < values.Length; c++)
                {
                    double scale = Fills.ChannelScale(seed, c);
                    values[c] = (float)(2.3 * (square - mean * mean) * scale * scale * random.Uniform(0.8, 1.2));
                }
            });
    }

    /// <summary>Inference-time batch normalisation to a deviation of <paramref name="gamma"/>.</summary>
    public static string BatchNorm(this GraphBuilder g, string x, int channels, double gamma, Fill mean, Fill variance) => g.Node("BatchNormalization",
        [
            x,
            g.Parameter("weight", [channels], Fills.Uniform(0.8 * gamma, 1.2 * gamma)),
            g.Parameter("bias", [channels], Fills.Normal(0, 0.15 * gamma)),
            g.Buffer("running_mean", [channels], mean),
            g.Buffer("running_var", [channels], variance),
        ],
        ("epsilon", 1e-5f), ("momentum", 0.9f));

    /// <summary><c>[N, inputs, H, W] → [N, outputs, (H − 1) · stride + kernel − 2 · pad, …]</c>.</summary>
    public static string ConvTranspose(this GraphBuilder g, string x, int inputs, int outputs, int kernel, int stride, int pad = 0, bool bias = false)
    {
        double fanIn = inputs * Math.Max((double)kernel * kernel / (stride * stride), 1);
        List<string> operands = [x, g.Parameter("weight", [inputs, outputs, kernel, kernel], Fills.Weights(Math.Sqrt(2 / fanIn)))];
        if (bias) operands.Add(g.Parameter("bias", [outputs], Fills.Normal(0, 0.05)));
        return g.Node("ConvTranspose", operands,
            ("dilations", new[] { 1, 1 }), ("group", 1), ("kernel_shape", new[] { kernel, kernel }),
            ("pads", new[] { pad, pad, pad, pad }), ("strides", new[] { stride, stride }));
    }

    /// <summary>Negative values become 0.</summary>
    public static string Relu(this GraphBuilder g, string x) => g.Node("Relu", [x]);

    /// <summary>ReLU6, as exporters write it.</summary>
    public static string Relu6(this GraphBuilder g, string x) => g.Node("Clip", [x, g.Scalar(0f), g.Scalar(6f)]);

    /// <summary>The largest value of each square window.</summary>
    public static string MaxPool(this GraphBuilder g, string x, int kernel, int stride, int pad = 0, bool ceil = false) => g.Node("MaxPool", [x],
        ("ceil_mode", ceil ? 1 : 0), ("kernel_shape", new[] { kernel, kernel }), ("pads", new[] { pad, pad, pad, pad }), ("strides", new[] { stride, stride }));

    /// <summary><c>[N, inputs] → [N, outputs]</c>.</summary>
    public static string Gemm(this GraphBuilder g, string x, int inputs, int outputs, double gain = 1) => g.Node("Gemm",
        [
            x,
            g.Parameter("weight", [outputs, inputs], Fills.Weights(gain / Math.Sqrt(inputs))),
            g.Parameter("bias", [outputs], Fills.Normal(0, 0.05)),
        ],
        ("alpha", 1f), ("beta", 1f), ("transB", 1));

    private static Fill ConvFill(int fanIn) => Fills.Filters(Math.Sqrt(2.0 / fanIn));
}

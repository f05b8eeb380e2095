using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models.Architectures;

/// <summary>The generator of DCGAN (Radford et al. 2016): noise to image by transposed convolutions.</summary>
internal static class Generator
{
    public static ModelBuilder Build(ModelSize size, WeightStore weights)
    {
        var (noise, features, doublings) = size == ModelSize.Small ? (32, 8, 2) : (100, 64, 3);
        var model = new ModelBuilder("generator", "DCGAN generator", size, 20, weights) { SampleDims = { ["batch"] = 1 } };
        var g = model.Graph;

        string x = g.Input("noise", ElementType.Float32, ["batch", noise, 1, 1], Samples.Normal);
        int channels = features << doublings, layer = 0;
        x = Normalised(g, ref layer, g["main.0"].ConvTranspose(x, noise, channels, kernel: 4, stride: 1), channels, variance: 2);
        for (; channels > features; channels /= 2)
        {
            string y = g[$"main.{layer}"].ConvTranspose(x, channels, channels / 2, kernel: 4, stride: 2, pad: 1);
            x = Normalised(g, ref layer, y, channels / 2, variance: 1);
        }

        x = g[$"main.{layer}"].ConvTranspose(x, channels, 3, kernel: 4, stride: 2, pad: 1);
        int image = 8 << doublings;
        g.Output("image", g[$"main.{layer + 1}"].Node("Tanh", [x]), ElementType.Float32, "batch", 3, image, image);
        return model;
    }

    private static string Normalised(GraphBuilder g, ref int layer, string x, int channels, double variance)
    {
        x = g[$"main.{layer + 1}"].BatchNorm(x, channels, 1, Fills.Normal(0, 0.1), Fills.Uniform(0.8 * variance, 1.2 * variance));
        x = g[$"main.{layer + 2}"].Relu(x);
        layer += 3;
        return x;
    }
}

using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models.Architectures;

/// <summary>SqueezeNet 1.1 (Iandola et al. 2016): fire modules, no batch normalisation, convolutional classifier.</summary>
internal static class SqueezeNet
{
    /// <summary>A fire module; an expansion of 0 stands for max pooling.</summary>
    private readonly record struct Fire(int Squeeze, int Expand);

    private sealed record Config(int Image, int Stem, Fire[] Fires, int Classes);

    private static readonly Config Small = new(64, 16,
        [default, new(6, 16), new(6, 16), default, new(8, 32), new(8, 32), default, new(16, 48), new(16, 64)], 20);

    private static readonly Config Original = new(224, 64,
        [
            default, new(16, 64), new(16, 64), default, new(32, 128), new(32, 128), default,
            new(48, 192), new(48, 192), new(64, 256), new(64, 256),
        ], 1000);

    public static ModelBuilder Build(ModelSize size, WeightStore weights)
    {
        var config = size == ModelSize.Small ? Small : Original;
        var model = new ModelBuilder("squeezenet", "SqueezeNet 1.1", size, 13, weights) { SampleDims = { ["batch"] = 1 } };
        var g = model.Graph;

        string x = g.Input("input", ElementType.Float32, ["batch", 3, config.Image, config.Image], Samples.Image);
        x = g["features.1"].Relu(g["features.0"].Conv(x, 3, config.Stem, 3, stride: 2, bias: true));

        int channels = config.Stem, index = 2;
        foreach (var (squeeze, expand) in config.Fires)
        {
            var at = g[$"features.{index++}"];
            if (expand == 0)
            {
                x = at.MaxPool(x, kernel: 3, stride: 2, ceil: true);
                continue;
            }
            x = at["squeeze_activation"].Relu(at["squeeze"].Conv(x, channels, squeeze, 1, bias: true));
            string pointwise = at["expand1x1_activation"].Relu(at["expand1x1"].Conv(x, squeeze, expand, 1, bias: true));
            string spatial = at["expand3x3_activation"].Relu(at["expand3x3"].Conv(x, squeeze, expand, 3, bias: true));
            x = at.Node("Concat", [pointwise, spatial], ("axis", 1));
            channels = 2 * expand;
        }

        x = g["classifier.2"].Relu(g["classifier.1"].Conv(x, channels, config.Classes, 1, bias: true));
        x = g["classifier.3"].Node("GlobalAveragePool", [x]);
        g.Output("logits", g.Node("Flatten", [x], ("axis", 1)), ElementType.Float32, "batch", config.Classes);
        return model;
    }
}

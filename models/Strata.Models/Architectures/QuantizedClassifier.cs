using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models.Architectures;

/// <summary>
/// A residual classifier in QDQ form (see <see cref="QuantizedLayers"/>), batch normalisation folded; the benchmark has
/// the shape of ResNet-18.
/// </summary>
internal static class QuantizedClassifier
{
    private sealed record Config(int Image, int StemKernel, int StemStride, int[] Widths, int Blocks, int Classes);

    public static ModelBuilder Build(ModelSize size, WeightStore weights)
    {
        var config = size == ModelSize.Small
            ? new Config(32, 3, 1, [16, 32, 64], 1, 10)
            : new Config(224, 7, 2, [64, 128, 256, 512], 2, 1000);
        var model = new ModelBuilder("classifier-qdq", "ResNet, basic blocks, QDQ", size, 17, weights)
        {
            SampleDims = { ["batch"] = size == ModelSize.Small ? 2 : 1 },
        };
        var g = model.Graph;

        string x = g.Input("input", ElementType.Float32, ["batch", 3, config.Image, config.Image], Samples.Image);
        x = g["input"].Requantize(x, ActivationRange.Signed);
        x = g["conv1"].QuantizedConv(x, ActivationRange.Signed, 3, config.Widths[0], config.StemKernel, config.StemStride, gain: 1);
        x = g["relu"].Requantize(g["relu"].Relu(x), ActivationRange.Rectified);
        x = g["maxpool"].MaxPool(x, kernel: 3, stride: 2, pad: 1);

        int channels = config.Widths[0];
        for (int stage = 0; stage < config.Widths.Length; stage++)
        {
            for (int block = 0; block < config.Blocks; block++)
            {
                x = Block(g[$"layer{stage + 1}.{block}"], x, channels, config.Widths[stage], stage > 0 && block == 0 ? 2 : 1);
                channels = config.Widths[stage];
            }
        }

        x = g["avgpool"].Requantize(g["avgpool"].Node("GlobalAveragePool", [x]), ActivationRange.Rectified);
        x = g.Node("Flatten", [x], ("axis", 1));
        x = g["fc"].QuantizedConv(x, ActivationRange.Rectified, channels, config.Classes, kernel: 0, gain: 9);
        g.Output("logits", x, ElementType.Float32, "batch", config.Classes);
        return model;
    }

    private static string Block(GraphBuilder g, string x, int inputs, int width, int stride)
    {
        string y = g["conv1"].QuantizedConv(x, ActivationRange.Rectified, inputs, width, 3, stride, gain: 1.2);
        y = g["relu"].Requantize(g["relu"].Relu(y), ActivationRange.Rectified);
        y = g["conv2"].QuantizedConv(y, ActivationRange.Rectified, width, width, 3, gain: 0.6);
        y = g["conv2.output"].Requantize(y, ActivationRange.Signed);
        if (inputs != width || stride != 1)
        {
            x = g["downsample.0"].QuantizedConv(x, ActivationRange.Rectified, inputs, width, 1, stride, gain: 1.2);
            x = g["downsample.0.output"].Requantize(x, ActivationRange.Signed);
        }
        return g["relu_1"].Requantize(g["relu"].Relu(g.Node("Add", [y, x])), ActivationRange.Rectified);
    }
}

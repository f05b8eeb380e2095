using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models.Architectures;

/// <summary>
/// ResNet (He et al. 2016, the variant with the stride in the 3×3): basic blocks when small; with bottleneck blocks
/// and the widths of ResNet-50 as benchmark. Ends in class probabilities.
/// </summary>
internal static class Classifier
{
    private sealed record Config(int Image, int StemKernel, int StemStride, int[] Widths, int[] Blocks, int Expansion, int Classes);

    public static ModelBuilder Build(ModelSize size, WeightStore weights)
    {
        var config = size == ModelSize.Small
            ? new Config(32, 3, 1, [8, 16, 32], [2, 2, 2], 1, 10)
            : new Config(224, 7, 2, [64, 128, 256, 512], [3, 4, 6, 3], 4, 1000);
        var model = new ModelBuilder("classifier", size == ModelSize.Small ? "ResNet, basic blocks" : "ResNet-50", size, 17, weights)
        {
            SampleDims = { ["batch"] = size == ModelSize.Small ? 2 : 1 },
        };
        var g = model.Graph;

        string x = g.Input("input", ElementType.Float32, ["batch", 3, config.Image, config.Image], Samples.Image);
        x = g["relu"].Relu(g.ConvBatchNorm("conv1", "bn1", x, 3, config.Widths[0], config.StemKernel, config.StemStride, level: Level.Standard));
        x = g["maxpool"].MaxPool(x, kernel: 3, stride: 2, pad: 1);

        int channels = config.Widths[0];
        var level = new Level(0.9, 1.5);
        for (int stage = 0; stage < config.Widths.Length; stage++)
        {
            for (int block = 0; block < config.Blocks[stage]; block++)
            {
                var at = g[$"layer{stage + 1}.{block}"];
                int stride = stage > 0 && block == 0 ? 2 : 1;
                x = config.Expansion == 1
                    ? BasicBlock(at, x, level, channels, config.Widths[stage], stride)
                    : Bottleneck(at, x, level, channels, config.Widths[stage], config.Expansion, stride);
                level = Sum(block);
                channels = config.Widths[stage] * config.Expansion;
            }
        }

        x = g["avgpool"].Node("GlobalAveragePool", [x]);
        x = g.Node("Flatten", [x], ("axis", 1));
        x = g["fc"].Gemm(x, channels, config.Classes, gain: 3);
        g.Output("probabilities", g.Node("Softmax", [x], ("axis", 1)), ElementType.Float32, "batch", config.Classes);
        return model;
    }

    /// <summary>Values grow with every residual that is added, until the next stage normalises them.</summary>
    private static Level Sum(int block) => new(0.4 + 0.1 * block, 0.55 + 0.17 * block);

    private static string BasicBlock(GraphBuilder g, string x, Level level, int inputs, int width, int stride)
    {
        string y = g["relu"].Relu(g.ConvBatchNorm("conv1", "bn1", x, inputs, width, 3, stride, level: level));
        y = g.ConvBatchNorm("conv2", "bn2", y, width, width, 3, gamma: 0.5);
        return Join(g, x, level, y, inputs, width, stride);
    }

    private static string Bottleneck(GraphBuilder g, string x, Level level, int inputs, int width, int expansion, int stride)
    {
        string y = g["relu"].Relu(g.ConvBatchNorm("conv1", "bn1", x, inputs, width, 1, level: level));
        y = g["relu"].Relu(g.ConvBatchNorm("conv2", "bn2", y, width, width, 3, stride));
        y = g.ConvBatchNorm("conv3", "bn3", y, width, width * expansion, 1, gamma: 0.5);
        return Join(g, x, level, y, inputs, width * expansion, stride);
    }

    /// <summary>Adds the branch to its input, which a 1×1 convolution brings to the same shape where they differ.</summary>
    private static string Join(GraphBuilder g, string x, Level level, string branch, int inputs, int outputs, int stride)
    {
        if (inputs != outputs || stride != 1) x = g.ConvBatchNorm("downsample.0", "downsample.1", x, inputs, outputs, 1, stride, level: level);
        return g["relu"].Relu(g.Node("Add", [branch, x]));
    }
}

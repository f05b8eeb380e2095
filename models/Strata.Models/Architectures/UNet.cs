using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models.Architectures;

/// <summary>U-Net (Ronneberger et al. 2015) with batch normalisation, upsampling by 2×2 transposed convolutions.</summary>
internal static class UNet
{
    private const int Classes = 2;

    public static ModelBuilder Build(ModelSize size, WeightStore weights)
    {
        int image = size == ModelSize.Small ? 64 : 512;
        int[] widths = size == ModelSize.Small ? [8, 16, 24, 32] : [64, 128, 256, 512, 1024];
        var model = new ModelBuilder("unet", "U-Net", size, 13, weights) { SampleDims = { ["batch"] = 1 } };
        var g = model.Graph;

        string x = g.Input("image", ElementType.Float32, ["batch", 3, image, image], Samples.Image);
        x = DoubleConv(g["inc.double_conv"], x, 3, widths[0], Level.Standard);

        Stack<string> skips = [];
        for (int level = 1; level < widths.Length; level++)
        {
            skips.Push(x);
            var down = g[$"down{level}.maxpool_conv"];
            x = DoubleConv(down["1.double_conv"], down["0"].MaxPool(x, kernel: 2, stride: 2), widths[level - 1], widths[level], Level.Pooled);
        }
        for (int level = widths.Length - 2; level >= 0; level--)
        {
            var up = g[$"up{widths.Length - 1 - level}"];
            x = up["up"].ConvTranspose(x, widths[level + 1], widths[level], kernel: 2, stride: 2, bias: true);
            x = up.Node("Concat", [skips.Pop(), x], ("axis", 1));
            x = DoubleConv(up["conv.double_conv"], x, 2 * widths[level], widths[level], new Level(0.2, 0.75));
        }

        g.Output("logits", g["outc.conv"].Conv(x, widths[0], Classes, 1, bias: true), ElementType.Float32, "batch", Classes, image, image);
        return model;
    }

    private static string DoubleConv(GraphBuilder g, string x, int inputs, int outputs, Level seen)
    {
        x = g["2"].Relu(g.ConvBatchNorm("0", "1", x, inputs, outputs, 3, level: seen));
        return g["5"].Relu(g.ConvBatchNorm("3", "4", x, outputs, outputs, 3));
    }
}

using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models.Architectures;

/// <summary>
/// Inverted residuals with depthwise convolutions. The small net starts as MobileNetV2 (ReLU6) and ends as MobileNetV3
/// (squeeze-and-excite, hard swish); the benchmark is MobileNetV2 1.0.
/// </summary>
internal static class MobileNet
{
    /// <summary>A run of blocks: expansion, output channels, how many, stride of the first, kernel, V3 or V2.</summary>
    private sealed record Run(int Expansion, int Channels, int Count, int Stride, int Kernel = 3, bool V3 = false);

    private sealed record Config(int Image, int Stem, Run[] Runs, int Head, int Classes);

    private static readonly Config Small = new(96, 8,
        [new(1, 8, 1, 1), new(4, 12, 2, 2), new(4, 16, 2, 2), new(4, 24, 2, 2, 5, V3: true), new(4, 32, 1, 2, V3: true)], 96, 20);

    private static readonly Config V2 = new(224, 32,
        [new(1, 16, 1, 1), new(6, 24, 2, 2), new(6, 32, 3, 2), new(6, 64, 4, 2), new(6, 96, 3, 1), new(6, 160, 3, 2), new(6, 320, 1, 1)], 1280, 1000);

    public static ModelBuilder Build(ModelSize size, WeightStore weights)
    {
        var config = size == ModelSize.Small ? Small : V2;
        var model = new ModelBuilder("mobilenet", size == ModelSize.Small ? "MobileNetV2/V3" : "MobileNetV2 1.0", size, 18, weights);
        var g = model.Graph;

        string x = g.Input("input", ElementType.Float32, [1, 3, config.Image, config.Image], Samples.Image);
        x = g["features.0.2"].Relu6(g["features.0"].ConvBatchNorm("0", "1", x, 3, config.Stem, 3, stride: 2, level: Level.Standard));

        int index = 1, channels = config.Stem;
        foreach (var run in config.Runs)
        {
            for (int block = 0; block < run.Count; block++)
            {
                x = Block(g[$"features.{index}"], x, channels, run, block == 0 ? run.Stride : 1);
                (channels, index) = (run.Channels, index + 1);
            }
        }

        var last = g[$"features.{index}"];
        x = last["2"].Relu6(last.ConvBatchNorm("0", "1", x, channels, config.Head, 1, level: Level.Standard));
        x = g.Node("GlobalAveragePool", [x]);
        x = g.Node("Flatten", [x], ("axis", 1));
        g.Output("logits", g["classifier.1"].Gemm(x, config.Head, config.Classes, gain: 3), ElementType.Float32, 1, config.Classes);
        return model;
    }

    private static string Block(GraphBuilder g, string x, int inputs, Run run, int stride)
    {
        int hidden = inputs * run.Expansion, at = 0;
        // Hard swish keeps less than ReLU6 does, and a gate about half of that.
        var activated = run.V3 ? new Level(0.2, 0.33) : Level.Rectified;
        var gated = run.V3 ? new Level(0.1, 0.09) : Level.Rectified;

        string y = x;
        if (run.Expansion != 1)
        {
            y = Activate(g[$"conv.{at}.2"], g[$"conv.{at}"].ConvBatchNorm("0", "1", y, inputs, hidden, 1, level: Level.Standard), run.V3);
            at++;
        }
        y = Activate(g[$"conv.{at}.2"], g[$"conv.{at}"].ConvBatchNorm("0", "1", y, hidden, hidden, run.Kernel, stride, groups: hidden, level: activated), run.V3);
        at++;
        if (run.V3) y = SqueezeExcite(g[$"conv.{at++}"], y, hidden);

        bool residual = stride == 1 && inputs == run.Channels;
        y = g["conv"].ConvBatchNorm($"{at}", $"{at + 1}", y, hidden, run.Channels, 1, level: gated, gamma: residual ? 0.5 : 1);
        return residual ? g.Node("Add", [x, y]) : y;
    }

    private static string Activate(GraphBuilder g, string x, bool hardSwish) => hardSwish ? g.Node("HardSwish", [x]) : g.Relu6(x);

    /// <summary>Scales each channel by a gate in [0, 1] that is computed from the means of all channels.</summary>
    private static string SqueezeExcite(GraphBuilder g, string x, int channels)
    {
        int squeezed = channels / 4;
        string gate = g["avgpool"].Node("ReduceMean", [x, g.Constant(2, 3)], ("keepdims", 1));
        gate = g["activation"].Relu(g["fc1"].Conv(gate, channels, squeezed, 1, bias: true));
        gate = g["fc2"].Conv(gate, squeezed, channels, 1, bias: true);
        gate = g["scale_activation"].Node("HardSigmoid", [gate], ("alpha", 1f / 6), ("beta", 0.5f));
        return g.Node("Mul", [gate, x]);
    }
}

using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models.Architectures;

/// <summary>What the layers of a chain multiply with.</summary>
internal enum ChainOp
{
    /// <summary>A 1×1 convolution over 4×4 pixels.</summary>
    Conv,
    /// <summary>A matrix product.</summary>
    MatMul,
}

/// <summary>
/// Layers of one weight, batch normalisation and ReLU, of any total size: for tests of memory and of access to one
/// layer among many.
/// </summary>
internal static class Chain
{
    private const int Narrow = 1024;
    private const int WidePerMebibyte = (1 << 20) / sizeof(float) / Narrow;

    /// <summary>Every weight has <paramref name="tensorMebibytes"/> MiB exactly.</summary>
    public static ModelBuilder Build(int tensorMebibytes, int layers, ChainOp op, WeightStore weights)
    {
        var model = new ModelBuilder("chain", $"{layers} layers of {tensorMebibytes} MiB", ModelSize.Benchmark, 18, weights);
        var g = model.Graph;
        int wide = checked(WidePerMebibyte * tensorMebibytes), channels = Narrow;

        ModelDim[] Dims(int count) => op == ChainOp.Conv ? [1, count, 4, 4] : [4, count];
        string x = g.Input("input", ElementType.Float32, Dims(channels), Samples.Normal);
        for (int layer = 0; layer < layers; layer++)
        {
            var at = g[$"layers.{layer}"];
            int outputs = channels == Narrow ? wide : Narrow;
            double bound = Math.Sqrt((layer == 0 ? 3.0 : 6.0) / channels);
            var fill = Fills.Uniform(-bound, bound);
            x = op == ChainOp.Conv
                ? at["linear"].Node("Conv", [x, at["linear"].Parameter("weight", [outputs, channels, 1, 1], fill)], ("kernel_shape", new[] { 1, 1 }))
                : at["linear"].Node("MatMul", [x, at["linear"].Parameter("weight", [channels, outputs], fill)]);
            x = at["norm"].BatchNorm(x, outputs, gamma: 1, mean: Fills.Normal(0, 0.1), variance: Fills.Uniform(0.8, 1.2));
            x = at.Relu(x);
            channels = outputs;
        }
        g.Output("output", x, ElementType.Float32, Dims(channels));
        return model;
    }
}

using Strata.Models.Architectures;
using Strata.Models.Building;

namespace Strata.Models;

/// <summary>A model that can be built.</summary>
/// <param name="Name">Its name, and that of its file.</param>
/// <param name="Summary">What it exercises.</param>
/// <param name="Benchmark">What it is at benchmark size.</param>
/// <param name="Build">Builds it.</param>
internal sealed record ModelRecipe(string Name, string Summary, string Benchmark, Func<ModelSize, WeightStore, ModelBuilder> Build);

/// <summary>All models, by name.</summary>
internal static class ModelCatalog
{
    public static IReadOnlyList<ModelRecipe> All { get; } =
    [
        new("classifier", "residual blocks, max pooling, softmax", "ResNet-50, 224²", Classifier.Build),
        new("classifier-qdq", "u8 activations, s8 weights per channel, s32 biases", "ResNet-18, 224²", QuantizedClassifier.Build),
        new("control", "If and Loop, nested, captured values, scan outputs", "512 features", ControlFlow.Build),
        new("decoder", "past and present keys and values, causal mask, tanh GELU, tied weights", "GPT-2 small, prefill 128", Decoder.Build),
        new("encoder", "computed shapes, attention, layer normalisation in both forms, erf GELU", "BERT-base, 128 tokens", Encoder.Build),
        new("generator", "transposed convolutions from noise", "DCGAN, 64²", Generator.Build),
        new("mobilenet", "depthwise convolutions, ReLU6 as Clip, squeeze-and-excite, hard swish", "MobileNetV2 1.0, 224²", MobileNet.Build),
        new("squeezenet", "fire modules, pooling with ceil, no normalisation", "SqueezeNet 1.1, 224²", SqueezeNet.Build),
        new("superresolution", "any height and width, depth to space", "ESPCN ×3, 224²", SuperResolution.Build),
        new("tagger", "bidirectional LSTM with lengths, GRU, arg max", "2 × 384 LSTM, 64 tokens", Tagger.Build),
        new("unet", "skip connections, transposed convolutions", "U-Net, 512²", UNet.Build),
    ];
}

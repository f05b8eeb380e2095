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
        new("mobilenet", "depthwise convolutions, ReLU6 as Clip, squeeze-and-excite, hard swish", "MobileNetV2 1.0, 224²", MobileNet.Build),
        new("unet", "skip connections, transposed convolutions", "U-Net, 512²", UNet.Build),
    ];
}

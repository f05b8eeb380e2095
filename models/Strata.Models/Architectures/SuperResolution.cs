using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models.Architectures;

/// <summary>ESPCN (Shi et al. 2016): convolutions at low resolution, then a pixel shuffle; any height and width.</summary>
internal static class SuperResolution
{
    private const int Upscale = 3;

    public static ModelBuilder Build(ModelSize size, WeightStore weights)
    {
        var (width, image) = size == ModelSize.Small ? (24, 24) : (64, 224);
        var model = new ModelBuilder("superresolution", "ESPCN", size, 22, weights)
        {
            SampleDims = { ["batch"] = 1, ["height"] = image, ["width"] = image },
        };
        var g = model.Graph;

        string x = g.Input("luminance", ElementType.Float32, ["batch", 1, "height", "width"], Samples.Image);
        x = g["relu"].Relu(g["conv1"].Conv(x, 1, width, 5, bias: true));
        x = g["relu"].Relu(g["conv2"].Conv(x, width, width, 3, bias: true));
        x = g["relu"].Relu(g["conv3"].Conv(x, width, width / 2, 3, bias: true));
        x = g["conv4"].Conv(x, width / 2, Upscale * Upscale, 3, bias: true);
        x = g["pixel_shuffle"].Node("DepthToSpace", [x], ("blocksize", Upscale), ("mode", "CRD"));
        g.Output("upscaled", x, ElementType.Float32, "batch", 1, $"{Upscale}*height", $"{Upscale}*width");
        return model;
    }
}

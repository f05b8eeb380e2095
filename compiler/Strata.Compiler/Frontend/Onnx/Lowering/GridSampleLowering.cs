using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>GridSample of version 16, which calls its modes by their two-dimensional names.</summary>
internal static class GridSampleLowering
{
    public static void Lower16(NodeLowering node)
    {
        Interpolation mode = node.Attributes.Text("mode", "bilinear") switch
        {
            "bilinear" => Interpolation.Linear,
            "nearest" => Interpolation.Nearest,
            "bicubic" => Interpolation.Cubic,
            var other => throw new InvalidNetworkException($"attribute mode is '{other}'; allowed are bilinear, nearest, bicubic"),
        };
        string padding = node.Attributes.Text("padding_mode", "zeros");
        int index = GridSample.PaddingNames.IndexOf(padding);
        if (index < 0) throw new InvalidNetworkException($"attribute padding_mode is '{padding}'; allowed are {string.Join(", ", GridSample.PaddingNames)}");
        node.Result(new GridSample { Mode = mode, Padding = (GridPadding)index, AlignCorners = node.Attributes.Flag("align_corners", false) }, node.Inputs.AsSpan());
    }
}

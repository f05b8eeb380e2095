using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>Resize of version 10 and every Upsample: coordinates are output / scale, rounded down when enlarging and up when shrinking.</summary>
internal static class ResizeLowering
{
    public static void Upsample1(NodeLowering node)
    {
        float height = node.Attributes.Float("height_scale", float.NaN), width = node.Attributes.Float("width_scale", float.NaN);
        Emit(node, node.Constant(Tensor.Vector([1f, 1f, height, width])));
    }

    public static void Upsample7(NodeLowering node) => Emit(node, node.Constant(Tensor.Vector(node.Attributes.Floats("scales", []).AsSpan())));

    public static void Upsample9(NodeLowering node) => Emit(node, node[1]);

    public static void Resize10(NodeLowering node)
    {
        if (node.Attributes.Text("mode", "nearest") != "nearest")
        {
            Emit(node, node[1]);
            return;
        }
        if (node[1].Constant is not { } constant) throw NodeLowering.Unsupported("mode nearest needs constant scales in operator set 10: the rounding depends on them");
        float[] scales = constant.Materialize().Span<float>().ToArray();
        if (scales.All(s => s >= 1)) Emit(node, node[1]);
        else if (scales.All(s => s <= 1)) Emit(node, node[1], NearestMode.Ceil);
        else
        {
            // One operator has one rounding: shrink first, then enlarge.
            var shrunk = node.Emit(Nearest(NearestMode.Ceil), node[0], null, Scales(s => Math.Min(s, 1)));
            node.Result(Nearest(NearestMode.Floor), shrunk, null, Scales(s => Math.Max(s, 1)));
        }

        Value Scales(Func<float, float> part) => node.Constant(Tensor.Vector([.. scales.Select(part)]));
    }

    private static void Emit(NodeLowering node, Value scales, NearestMode rounding = NearestMode.Floor)
    {
        string mode = node.Attributes.Text("mode", "nearest");
        Interpolation? interpolation = mode switch
        {
            "nearest" => Interpolation.Nearest,
            "linear" or "bilinear" => Interpolation.Linear,
            _ => null,
        };
        if (interpolation is null) throw new InvalidNetworkException($"attribute mode is '{mode}'; allowed are nearest, linear");
        node.Result(Nearest(rounding) with { Mode = interpolation.Value }, node[0], null, scales);
    }

    private static Resize Nearest(NearestMode rounding) => new() { Transformation = CoordinateTransformation.Asymmetric, NearestMode = rounding };
}

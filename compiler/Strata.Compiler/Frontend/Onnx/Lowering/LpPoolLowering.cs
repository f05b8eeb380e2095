using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>LpPool and GlobalLpPool of version 1, whose exponent is a float.</summary>
internal static class LpPoolLowering
{
    public static void Lower1(NodeLowering node) =>
        node.Result(new LpPool { Window = new WindowAttributes().Walk(node.Attributes), P = Exponent(node) }, node.Inputs.AsSpan());

    public static void Global1(NodeLowering node) => node.Result(new GlobalLpPool { P = Exponent(node) }, node.Inputs.AsSpan());

    private static long Exponent(NodeLowering node)
    {
        float p = node.Attributes.Float("p", 2);
        return p == MathF.Floor(p) && p is >= 1 and < 1 << 24 ? (long)p : throw NodeLowering.Unsupported($"p must be a whole number from 1, is {p}");
    }
}

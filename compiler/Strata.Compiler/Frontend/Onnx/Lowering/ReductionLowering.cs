using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>Older forms of reductions and sorting: what is an operand today was an attribute.</summary>
internal static class ReductionLowering
{
    public static Action<NodeLowering> AxesAttribute(Reduction prototype) => node =>
    {
        var axes = node.Attributes.Ints("axes", []);
        var op = prototype with { KeepDims = node.Attributes.Flag("keepdims", true) };
        node.Result(op, node[0], axes.IsEmpty ? null : node.Ints(axes.AsSpan()));
    };

    public static void TopKAttribute(NodeLowering node)
    {
        if (node.Attributes.OptionalInt("k", null) is not { } k) throw new InvalidNetworkException("attribute k is missing");
        node.Result(new TopK { Axis = node.Attributes.Int("axis", -1) }, node[0], node.Ints(k));
    }
}

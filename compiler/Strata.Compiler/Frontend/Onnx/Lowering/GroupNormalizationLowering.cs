using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>GroupNormalization of version 18, which has one scale and bias per group: they are repeated for each of its channels.</summary>
internal static class GroupNormalizationLowering
{
    public static void PerGroup(NodeLowering node)
    {
        var op = node.Read(new GroupNormalization());
        if (op.NumGroups < 1) throw new InvalidNetworkException($"num_groups must be positive, is {op.NumGroups}");
        var channels = node.Emit(new ShapeOf { Start = 1, End = 2 }, node[0]);
        var shape = node.Emit(new Concat(), node.Ints(op.NumGroups), node.Emit(new Div(), channels, node.Ints(op.NumGroups)));
        node.Result(op, node[0], PerChannel(node[1]), PerChannel(node[2]));

        Value PerChannel(Value perGroup) =>
            node.Emit(new Reshape(), node.Emit(new Expand(), node.Emit(new Reshape(), perGroup, node.Ints(op.NumGroups, 1)), shape), channels);
    }
}

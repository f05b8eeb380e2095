using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>GroupNormalization of version 18, which has one scale and bias per group: they are repeated for each of its channels.</summary>
internal static class GroupNormalizationLowering
{
    public static void PerGroup(NodeLowering node)
    {
        var op = node.Read(new GroupNormalization());
        if ((node[0].Type as TensorType)?.Shape is not { Rank: >= 2 } shape || shape[1].Constant is not { } channels)
            throw NodeLowering.Unsupported($"the number of channels must be known, the input is {node[0].Type}");
        if (op.NumGroups < 1 || channels % op.NumGroups != 0) throw new InvalidNetworkException($"num_groups must divide the channels; num_groups is {op.NumGroups}, channels {channels}");
        node.Result(op, node[0], PerChannel(node[1]), PerChannel(node[2]));

        Value PerChannel(Value perGroup)
        {
            var column = node.Emit(new Reshape(), perGroup, node.Ints(op.NumGroups, 1));
            return node.Emit(new Reshape(), node.Emit(new Expand(), column, node.Ints(op.NumGroups, channels / op.NumGroups)), node.Ints(channels));
        }
    }
}

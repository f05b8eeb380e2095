using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>CausalConvWithState: the state (or zeros) before the input, a depthwise convolution, an optional SiLU; the end of the sequence is the new state.</summary>
internal static class CausalConvLowering
{
    public static void Lower(NodeLowering node)
    {
        string activation = node.Attributes.Text("activation", "none");
        if (activation is not ("none" or "silu" or "swish")) throw new InvalidNetworkException($"attribute activation is '{activation}'; allowed are none, silu, swish");
        if ((node[1].Type as TensorType)?.Shape is not { Rank: 3 } weights || weights[0].Constant is not { } channels || weights[2].Constant is not { } kernel || kernel < 1)
            throw NodeLowering.Unsupported($"the weights need a constant shape [channels, 1, kernel], are {node[1].Type}");

        var sequence = node.Optional(3) is { } past
            ? node.Emit(new Concat { Axis = 2 }, past, node[0])
            : node.Emit(new Pad(), node[0], node.Ints(0, 0, kernel - 1, 0, 0, 0));
        var result = node.Emit(new Conv { Group = channels }, sequence, node[1], node.Optional(2));
        node.Bind(0, activation == "none" ? result : node.Emit(new Swish(), result));
        // With no state to keep, a start beyond the end gives the empty one.
        if (node.Wants(1)) node.Bind(1, node.Emit(new Slice(), sequence, node.Ints(kernel == 1 ? long.MaxValue : 1 - kernel), node.Ints(long.MaxValue), node.Ints(2)));
    }
}

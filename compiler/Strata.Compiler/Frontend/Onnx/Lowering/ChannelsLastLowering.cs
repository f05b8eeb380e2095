using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>com.microsoft forms of pooling and convolution whose channels come last: transposed to come second and back.</summary>
internal static class ChannelsLastLowering
{
    public static void MaxPool(NodeLowering node)
    {
        var op = node.Read(new MaxPool());
        int rank = op.Window.KernelShape.Length + 2;
        node.Bind(0, ToLast(node, node.Emit(op, ToSecond(node, node[0], rank)), rank));
    }

    public static void QLinearConv(NodeLowering node)
    {
        bool last = node.Attributes.Flag("channels_last", false);
        var op = node.Read(new QLinearConv());
        if (!last)
        {
            node.Result(op, node.Inputs.AsSpan());
            return;
        }
        int? known = op.Window.KernelShape.IsEmpty ? null : op.Window.KernelShape.Length + 2;
        int rank = known ?? (node[0].Type as TensorType)?.Rank ?? (node[3].Type as TensorType)?.Rank ?? throw NodeLowering.Unsupported("channels_last of an input of unknown rank");
        node.Bind(0, ToLast(node, node.Emit(op, [ToSecond(node, node[0], rank), .. node.Inputs.AsSpan()[1..]]), rank));
    }

    /// <summary>NhwcConv and NhwcFusedConv: x and the tensor to add have their channels last, the weights do not.</summary>
    public static void Conv(NodeLowering node)
    {
        int rank = (node[0].Type as TensorType)?.Rank ?? (node[1].Type as TensorType)?.Rank ?? throw NodeLowering.Unsupported("the input or the weights must have a known rank");
        var result = node.Emit(node.Read(new Conv()), ToSecond(node, node[0], rank), node[1], node.Optional(2));
        if (node.Optional(3) is { } residual) result = node.Emit(new Add(), result, ToSecond(node, residual, rank));
        node.Bind(0, ToLast(node, FusedConvLowering.Activate(node, result), rank));
    }

    public static Value ToSecond(NodeLowering node, Value x, int rank) => rank < 3 ? throw new InvalidNetworkException($"the input must have rank 3 or more, has {rank}") : node.Emit(new Transpose { Perm = [0, rank - 1, .. Enumerable.Range(1, rank - 2).Select(d => (long)d)] }, x);

    public static Value ToLast(NodeLowering node, Value x, int rank) => node.Emit(new Transpose { Perm = [0, .. Enumerable.Range(2, rank - 2).Select(d => (long)d), 1] }, x);
}

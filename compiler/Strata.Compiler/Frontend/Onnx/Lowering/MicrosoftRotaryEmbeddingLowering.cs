using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>com.microsoft's RotaryEmbedding: operands x, positions (one per token, or the first one's), cosines, sines.</summary>
internal static class MicrosoftRotaryEmbeddingLowering
{
    public static void Lower(NodeLowering node)
    {
        var read = node.Attributes;
        if (read.Flag("is_packed_batching", false)) throw NodeLowering.Unsupported("is_packed_batching is not supported; allowed is 0");
        if (read.Float("scale", 1) != 1) throw NodeLowering.Unsupported("scale is not supported; allowed is 1");
        var op = node.Read(new RotaryEmbedding());
        Value x = node[0], positions = node[1], cosines = node[2];
        if (x.TensorType.Rank == 3 && op.NumHeads == 0)
        {
            // Without a number of heads a whole head is rotated, so the cosines tell its size.
            op = op with
            {
                NumHeads = cosines.TensorType.Shape?[1].Constant is > 0 and var half && x.TensorType.Shape![2].Constant is { } hidden
                    ? hidden / (2 * half)
                    : throw NodeLowering.Unsupported("num_heads is needed where the hidden size is unknown"),
            };
        }
        node.Result(op, x, cosines, node[3], Positions(node, x, positions));
    }

    private static Value Positions(NodeLowering node, Value x, Value positions)
    {
        if (positions.TensorType.Rank == 2) return positions;
        if (positions.TensorType.Rank != 1) throw NodeLowering.Unsupported($"positions must have a known rank of 1 or 2, are {positions.Type}");
        int axis = x.TensorType.Rank switch { 3 => 1, 4 => 2, _ => throw NodeLowering.Unsupported($"the input must have a known rank of 3 or 4, is {x.Type}") };
        Value batch = node.Emit(new ShapeOf { End = 1 }, x), length = node.Emit(new ShapeOf { Start = axis, End = axis + 1 }, x);
        var range = node.Emit(new NumberRange(), node.Constant(Tensor.Scalar(0L)), node.Emit(new Squeeze(), length, node.Ints(0)), node.Constant(Tensor.Scalar(1L)));
        return node.Emit(new Expand(), node.Emit(new Add(), range, positions), node.Emit(new Concat(), batch, length));
    }
}

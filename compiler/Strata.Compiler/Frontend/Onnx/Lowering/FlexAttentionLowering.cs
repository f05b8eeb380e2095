using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>FlexAttention: the core attention, or, where graphs modify scores or probabilities, its parts around those graphs.</summary>
internal static class FlexAttentionLowering
{
    public static void Lower(NodeLowering node)
    {
        var read = node.Attributes;
        float? scale = read.OptionalFloat("scale", null);
        var precision = read.Type("softmax_precision", null);
        GraphProto? onScores = read.Graph("score_mod"), onProbabilities = read.Graph("prob_mod");
        Value q = node[0], k = node[1], v = node[2];
        foreach (var operand in new[] { q, k, v })
        {
            if (operand.TensorType.Rank is not (null or 4)) throw new InvalidNetworkException($"queries, keys and values must have rank 4, one is {operand.Type}");
        }
        if (onScores is null && onProbabilities is null)
        {
            node.Result(new Attention { Scale = scale, SoftmaxPrecision = precision }, q, k, v);
            return;
        }

        var inside = precision ?? (q.TensorType.ElementType == ElementType.Float64 ? ElementType.Float64 : ElementType.Float32);
        var outside = q.TensorType.ElementType;
        (q, k, v) = (To(inside, q), To(inside, k), To(inside, v));
        double factor = scale ?? 1 / Math.Sqrt(Extent(q, 3));
        long group = Extent(q, 1) == Extent(k, 1) ? 1 : Extent(q, 1) / Math.Max(Extent(k, 1), 1);
        if (group > 1) (k, v) = (Repeat(k), Repeat(v));
        var scores = node.Emit(new Mul(), node.Emit(new MatMul(), q, node.Emit(new Transpose { Perm = [0, 1, 3, 2] }, k)), node.Constant(Tensor.FromDoubles(inside, [], [factor])));
        if (onScores is not null) scores = node.Inline(onScores, scores);
        var probabilities = node.Emit(new Softmax(), scores);
        if (onProbabilities is not null) probabilities = node.Inline(onProbabilities, probabilities);
        node.Bind(0, To(outside, node.Emit(new MatMul(), probabilities, v)));

        Value To(ElementType type, Value value) => value.TensorType.ElementType == type ? value : node.Emit(new Cast { To = type }, value);

        // Each head of keys or values serves a run of query heads: [B, Nk, L, H] to [B, Nk·group, L, H].
        Value Repeat(Value value)
        {
            var spread = node.Emit(new Expand(), node.Emit(new Unsqueeze(), value, node.Ints(2)), node.Ints(1, 1, group, 1, 1));
            var shape = node.Emit(new ShapeOf(), value);
            long heads = Extent(value, 1) * group;
            return node.Emit(new Reshape(), spread, node.Emit(new Concat(), node.Emit(new Slice(), shape, node.Ints(0), node.Ints(1)), node.Ints(heads), node.Emit(new Slice(), shape, node.Ints(2), node.Ints(4))));
        }
    }

    private static long Extent(Value value, int axis) => value.TensorType.Shape?[axis].Constant
        ?? throw NodeLowering.Unsupported($"head counts and sizes must be known where graphs modify scores; an operand is {value.Type}");
}

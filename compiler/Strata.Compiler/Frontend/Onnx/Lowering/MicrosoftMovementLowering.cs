using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>com.microsoft's operators that move elements: forms from before ONNX had them, and small conveniences.</summary>
internal static class MicrosoftMovementLowering
{
    /// <summary>ExpandDims: a new axis where the second operand, one number, says.</summary>
    public static void ExpandDims(NodeLowering node) =>
        node.Result(new Unsqueeze(), node[0], node.Emit(new Reshape(), node.Emit(new Cast { To = ElementType.Int64 }, node[1]), node.Ints(1)));

    /// <summary>Pad: pads <c>[2·rank]</c> or <c>[1, 2·rank]</c>, a value in a scalar or a vector of one.</summary>
    public static void Pad(NodeLowering node)
    {
        var pads = node[1].TensorType.Rank == 1 ? node[1] : node.Emit(new Reshape(), node[1], node.Ints(-1));
        node.Result(node.Read(new Pad()), node[0], pads, node.Has(2) ? Scalar(node, node[2]) : null);
    }

    /// <summary>Range: start, limit and, by default 1, delta, in scalars or vectors of one.</summary>
    public static void Range(NodeLowering node)
    {
        var type = node[0].TensorType.ElementType;
        var delta = node.Has(2) ? Scalar(node, node[2]) : node.Constant(Tensor.FromDoubles(type, [], [1]));
        node.Result(new NumberRange(), Scalar(node, node[0]), Scalar(node, node[1]), delta);
    }

    /// <summary>Unique: values in order of first occurrence, the place of each element among them, and how often each occurs.</summary>
    public static void Unique(NodeLowering node)
    {
        var outputs = node.EmitMany(new Unique { Sorted = false }, 4, node[0]).Outputs;
        foreach (var (i, from) in (ReadOnlySpan<(int, int)>)[(0, 0), (1, 2), (2, 3)])
        {
            if (node.Wants(i)) node.Bind(i, outputs[from]!);
        }
    }

    /// <summary>TorchEmbedding: rows of a table; the other operands say how to train it.</summary>
    public static void Embedding(NodeLowering node) => node.Result(new Gather(), node[0], node[1]);

    /// <summary>UnfoldTensor: the windows of an axis, their elements along a new last one.</summary>
    public static void Unfold(NodeLowering node)
    {
        long size = node.Attributes.Int("size", 0), step = node.Attributes.Int("step", 1), dim = node.Attributes.Int("dim", -1);
        if (size < 1 || step < 1) throw new InvalidNetworkException($"size and step must be positive, are {size} and {step}");
        int rank = node[0].TensorType.Rank ?? throw NodeLowering.Unsupported("the operand must have a known rank");
        if (dim < -rank || dim >= rank) throw new InvalidNetworkException($"dim {dim} lies outside [{-rank}, {rank - 1}]");
        int axis = (int)(dim < 0 ? dim + rank : dim);
        var extent = node.Emit(new Squeeze(), node.Emit(new ShapeOf { Start = axis, End = axis + 1 }, node[0]), node.Ints(0));
        var starts = Numbers(node.Emit(new Sub(), extent, Number(size - 1)), step);
        var places = node.Emit(new Add(), node.Emit(new Unsqueeze(), starts, node.Ints(1)), Numbers(Number(size), 1));
        // The windows' elements stand behind their axis; they go to the end.
        var windows = node.Emit(new Gather { Axis = axis }, node[0], places);
        node.Result(new Transpose { Perm = [.. Enumerable.Range(0, rank + 1).Where(d => d != axis + 1).Select(d => (long)d), axis + 1] }, windows);

        Value Number(long value) => node.Constant(Tensor.Scalar(value));
        Value Numbers(Value end, long by) => node.Emit(new NumberRange(), Number(0), end, Number(by));
    }

    private static Value Scalar(NodeLowering node, Value value) => value.TensorType.Rank == 0 ? value : node.Emit(new Reshape(), value, node.Ints());
}

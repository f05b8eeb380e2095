using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>
/// Softmax, LogSoftmax, Hardmax before version 13: the function runs over all axes from <c>axis</c> on, taken as one.
/// </summary>
internal static class SoftmaxLowering
{
    public static void Coerced(NodeLowering node, Func<long, Operator> along)
    {
        long axis = node.Attributes.Int("axis", 1);
        var shape = (node[0].Type as TensorType)?.Shape;
        if (shape is not null && (axis < -shape.Rank || axis > shape.Rank)) throw new InvalidNetworkException($"axis {axis} lies outside [{-shape.Rank}, {shape.Rank}]");
        int? first = shape is null ? null : (int)(axis < 0 ? axis + shape.Rank : axis);
        if (first is { } start && start < shape!.Rank && Enumerable.Range(start + 1, shape.Rank - start - 1).All(d => shape[d].Is(1)))
        {
            node.Result(along(start), node[0]);
            return;
        }
        var matrix = node.Emit(new Flatten { Axis = axis }, node[0]);
        node.Result(new Reshape { AllowZero = true }, node.Emit(along(1), matrix), node.Emit(new ShapeOf(), node[0]));
    }
}

using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>
/// Expansion of a fused operator whose inside is computed in f32 even when its operands are narrower: operands are widened,
/// results rounded once.
/// </summary>
internal sealed class WideArithmetic(NodeLowering node, ElementType outside)
{
    /// <summary>The type of the inside.</summary>
    public ElementType Type { get; } = outside is ElementType.Float16 or ElementType.BFloat16 ? ElementType.Float32 : outside;

    /// <summary>An operand in the type of the inside.</summary>
    public Value In(Value value) => value.TensorType.ElementType == Type ? value : node.Emit(new Cast { To = Type }, value);

    /// <summary>An operand in the type of the inside, or null.</summary>
    public Value? InOptional(int index) => node.Has(index) ? In(node[index]) : null;

    /// <summary>A result in the type of the outside.</summary>
    public Value Out(Value value) => value.TensorType.ElementType == outside ? value : node.Emit(new Cast { To = outside }, value);

    /// <summary>A scalar of the inside.</summary>
    public Value Scalar(double value) => node.Constant(Tensor.FromDoubles(Type, [], [value]));

    /// <summary>Makes a result an output of the node, when the node names it.</summary>
    public void Bind(int index, Value value)
    {
        if (node.Wants(index)) node.Bind(index, Out(value));
    }
}

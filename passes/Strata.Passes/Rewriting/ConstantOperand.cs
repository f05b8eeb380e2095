using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes;

/// <summary>A layer of two operands of which one is a constant.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Operand">The operand that is computed.</param>
/// <param name="Constant">The operand that is constant.</param>
internal sealed record ConstantOperand(Layer Layer, Value Operand, Value Constant)
{
    /// <summary>A product with a constant, or a quotient by one.</summary>
    public static ConstantOperand? Scale(Layer? layer) => layer?.Operator is Mul ? Either(layer) : layer?.Operator is Div ? Right(layer) : null;

    /// <summary>A sum with a constant, or a difference that subtracts one.</summary>
    public static ConstantOperand? Shift(Layer? layer) => layer?.Operator is Add ? Either(layer) : layer?.Operator is Sub ? Right(layer) : null;

    /// <summary>A layer whose operands may change places, one of them a constant.</summary>
    public static ConstantOperand? Either(Layer layer) => Right(layer) ?? (layer.Inputs is [{ Constant: not null } constant, { Constant: null } operand] ? new(layer, operand, constant) : null);

    /// <summary>A layer whose second operand is a constant.</summary>
    public static ConstantOperand? Right(Layer layer) => layer.Inputs is [{ Constant: null } operand, { Constant: not null } constant] ? new(layer, operand, constant) : null;

    /// <summary>True when the result has the operand's shape: the constant does not enlarge it.</summary>
    public bool KeepsShape => Operand.TensorType.Shape is { } shape && shape.Equals(Layer.Outputs[0]!.TensorType.Shape);

    /// <summary>What the layer adds, where the constant's elements are <paramref name="terms"/>: a subtracted constant counts negative.</summary>
    public Constant Signed(Constant terms) => Layer.Operator is Sub ? ConstantExpressions.Apply(new Neg(), terms) : terms;
}

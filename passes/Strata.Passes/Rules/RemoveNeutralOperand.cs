using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>x · 1</c>, <c>x / 1</c>, <c>x¹</c>, <c>x − 0</c>, <c>x + (−0)</c>, <c>x and true</c>, <c>x or false</c>, <c>x xor false</c> → <c>x</c>; for integers <c>x + 0</c>
/// too, which would turn a float's −0 into 0. The constant may hold several elements, but must not enlarge x.
/// </summary>
public sealed class RemoveNeutralOperand : IRule
{
    /// <inheritdoc/>
    public string Name => "remove-neutral-operand";

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Arithmetic or Logical or Pow) || layer.Inputs is not [{ } left, { } right]) return null;
        int kept = IsNeutral(layer.Operator, right, second: true) ? 0 : IsNeutral(layer.Operator, left, second: false) ? 1 : -1;
        return kept >= 0 && Match.KeepsShapeOf(layer, kept) ? context.Forward(Name, layer, layer.Inputs[kept]!) : null;
    }

    private static bool IsNeutral(Operator op, Value value, bool second) => Match.Uniform(value) is { } c && op switch
    {
        Mul => c == 1,
        Div or Pow => second && c == 1,
        Add => c == 0 && (!value.TensorType.ElementType.IsFloat() || double.IsNegative(c)),
        Sub => second && c == 0 && !double.IsNegative(c),
        And => c == 1,
        Or or Xor => c == 0,
        _ => false,
    };
}

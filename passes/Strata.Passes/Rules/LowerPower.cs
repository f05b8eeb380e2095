using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>x²</c> → <c>x · x</c>, <c>x^½</c> → <c>Sqrt(x)</c>, <c>x^−1</c> → <c>Reciprocal(x)</c>, for floats. The exponent is one constant that does not enlarge x. The root
/// of −∞ is NaN, where its power is ∞, and that of −0 is −0.
/// </summary>
public sealed class LowerPower : Rule<Pow>
{
    /// <inheritdoc/>
    public override string Name => "lower-power";

    /// <inheritdoc/>
    public override ValueEffects Effects => ValueEffects.Roundings | ValueEffects.NonFinite;

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Pow op, Layer layer, RewriteContext context)
    {
        if (layer.Outputs is not [{ } output] || !output.TensorType.ElementType.IsFloat() || !Match.KeepsShapeOf(layer, 0)) return null;
        (Operator? lowered, int operands) = Match.Uniform(layer.Inputs[1]) switch
        {
            2 => (new Mul(), 2),
            0.5 => (new Sqrt(), 1),
            -1 => (new Reciprocal(), 1),
            _ => ((Operator?)null, 0),
        };
        if (lowered is null) return null;
        var patch = context.NewPatch(Name);
        var x = patch.Tap(layer.Inputs[0]!);
        patch.Replace(output, patch.Add(lowered, [.. Enumerable.Repeat(x, operands)], [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;
    }
}

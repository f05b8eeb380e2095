using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary><c>Cast(x, type of x)</c> → <c>x</c>: a conversion to the operand's own type changes no bit, NaNs included.</summary>
public sealed class RemoveSameCast : Rule<Cast>
{
    /// <inheritdoc/>
    public override string Name => "remove-same-cast";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Cast op, Layer layer, RewriteContext context) =>
        layer.Inputs[0]!.TensorType.ElementType == op.To ? context.Forward(Name, layer, layer.Inputs[0]!) : null;
}

using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary><c>Where(c, x, y)</c> → <c>x</c> or <c>y</c>, where the condition is constant and everywhere the same, and what is chosen has the shape of the result.</summary>
public sealed class ChooseBranch : Rule<Where>
{
    /// <inheritdoc/>
    public override string Name => "choose-branch";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Where op, Layer layer, RewriteContext context)
    {
        if (Match.Uniform(layer.Inputs[0]) is not { } condition) return null;
        int chosen = condition != 0 ? 1 : 2;
        return Match.KeepsShapeOf(layer, chosen) ? context.Forward(Name, layer, layer.Inputs[chosen]!) : null;
    }
}

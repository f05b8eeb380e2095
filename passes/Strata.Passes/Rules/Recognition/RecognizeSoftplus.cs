using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>ln(1 + eˣ)</c> → <c>Softplus(x)</c>. The 1 is a scalar that does not enlarge x; nothing else uses what lies between. Where eˣ
/// overflows, the layers give +∞ and the operator x.
/// </summary>
public sealed class RecognizeSoftplus : Rule<Log>
{
    /// <inheritdoc/>
    public override string Name => "recognize-softplus";

    /// <inheritdoc/>
    public override ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Log op, Layer layer, RewriteContext context)
    {
        if (layer.Outputs is not [{ } result]) return null;
        foreach (var power in Expansion.Reach(layer.Inputs[0]!))
        {
            var region = new Region(layer, context);
            if (region.Add<Exp>(power) is not { } exp) continue;
            var expansion = new Expansion(region, power);
            if (!expansion.Of(layer.Inputs[0]!).IsNear(1 + (Polynomial)power, result.TensorType.ElementType) || !expansion.KeepsShapeOf(power)) continue;
            if (region.Replace(Name, new Softplus(), p => p.Tap(exp.Inputs[0]!)) is { } patch) return patch;
        }
        return null;
    }
}

using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>eˣ / Σ eˣ</c> → <c>Softmax(x)</c>, the sum along one axis; the largest x may be subtracted before. Nothing else uses what lies
/// between. Where eˣ overflows, the layers give NaN and the operator does not.
/// </summary>
public sealed class RecognizeSoftmax : IRule
{
    /// <inheritdoc/>
    public string Name => "recognize-softmax";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Div or Mul) || layer.Outputs is not [{ } result]) return null;
        foreach (var sum in Expansion.Reach(result))
        {
            var region = new Region(layer, context);
            if (ExponentialSum.Of(sum, region) is not { Powers: { } powers } found) continue;
            var expansion = new Expansion(region, powers, sum);
            if (!expansion.Of(result).IsNear(powers * Polynomial.PowerOf(sum, -1), powers.TensorType.ElementType) || !expansion.KeepsShapeOf(powers)) continue;
            if (region.Replace(Name, new Softmax { Axis = found.Axis }, p => p.Tap(found.X)) is { } patch) return patch;
        }
        return null;
    }
}

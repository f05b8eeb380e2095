using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>x − ln Σ eˣ</c> and <c>ln Softmax(x)</c> → <c>LogSoftmax(x)</c>, the sum along one axis; the largest x may be subtracted before.
/// Nothing else uses what lies between. Where eˣ overflows or a probability underflows, the operator's result is finite.
/// </summary>
public sealed class RecognizeLogSoftmax : IRule
{
    /// <inheritdoc/>
    public string Name => "recognize-log-softmax";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Outputs is not [{ } result]) return null;
        if (layer.Operator is Log)
        {
            var whole = new Region(layer, context);
            return whole.Add<Softmax>(layer.Inputs[0]) is { Operator: Softmax softmax } inner ? whole.Replace(Name, new LogSoftmax { Axis = softmax.Axis }, p => p.Tap(inner.Inputs[0]!)) : null;
        }
        if (layer.Operator is not (Sub or Add)) return null;
        foreach (var logarithm in Expansion.Reach(result))
        {
            var region = new Region(layer, context);
            if (ExponentialSum.OfLogarithm(logarithm, region) is not { } found) continue;
            var expansion = new Expansion(region, found.X, found.Largest, logarithm);
            var shifted = found.Largest is { } largest ? (Polynomial)found.X - largest : found.X;
            if (!expansion.Of(result).IsNear(shifted - logarithm, found.X.TensorType.ElementType) || !expansion.KeepsShapeOf(found.X)) continue;
            if (region.Replace(Name, new LogSoftmax { Axis = found.Axis }, p => p.Tap(found.X)) is { } patch) return patch;
        }
        return null;
    }
}

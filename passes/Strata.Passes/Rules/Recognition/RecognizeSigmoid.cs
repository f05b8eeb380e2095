using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>1 / (1 + e^−x)</c> → <c>Sigmoid(x)</c>. Numbers are scalars that do not enlarge x; nothing else uses what lies between.
/// </summary>
public sealed class RecognizeSigmoid : IRule
{
    /// <inheritdoc/>
    public string Name => "recognize-sigmoid";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Div or Reciprocal or Pow)) return null;
        foreach (var gate in Gate.Find(layer, context, static (g, region) => region.Add<Exp>(g)?.Inputs[0]))
        {
            if (!gate.Inner.IsNear(-1 * (Polynomial)gate.X, gate.X.TensorType.ElementType) || Denominator(gate, null) is null) continue;
            if (gate.Region.Replace(Name, new Sigmoid(), p => p.Tap(gate.X)) is { } patch) return patch;
        }
        return null;
    }

    /// <summary>Where the gate's result is a value (or 1) over 1 + g: that sum.</summary>
    internal static Value? Denominator(Gate gate, Value? numerator)
    {
        if (gate.Outer.Terms is not [{ Coefficient: 1 } quotient]) return null;
        var denominator = quotient.Powers.FirstOrDefault(p => p.Key != numerator && p.Value == -1).Key;
        if (denominator is null || quotient.Powers.Count != (numerator is null ? 1 : 2) || numerator is not null && quotient[numerator] != 1) return null;
        bool matches = gate.Expansion.Of(denominator).IsNear(1 + (Polynomial)gate.G, gate.X.TensorType.ElementType) && gate.Expansion.KeepsShapeOf(gate.X);
        return matches ? denominator : null;
    }
}

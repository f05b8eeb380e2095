using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>x · sigmoid(a·x)</c> and <c>x / (1 + e^(−a·x))</c> → <c>Swish(x, a)</c>, which is SiLU for a = 1. The factor is a scalar that does not
/// enlarge x and that f32 holds; nothing else uses what lies between.
/// </summary>
public sealed class RecognizeSwish : IRule
{
    /// <inheritdoc/>
    public string Name => "recognize-swish";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Mul or Div)) return null;
        foreach (var gate in Gate.Find(layer, context, static (g, region) => (region.Add<Sigmoid>(g) ?? region.Add<Exp>(g))?.Inputs[0]))
        {
            if (gate.Inner.Linear(gate.X) is not { Offset: 0 } line) continue;
            double slope = gate.G.Producer!.Operator is Sigmoid ? line.Slope : -line.Slope;
            bool matches = gate.G.Producer.Operator is Sigmoid ? gate.Outer.IsNear((Polynomial)gate.X * gate.G, gate.X.TensorType.ElementType) : RecognizeSigmoid.Denominator(gate, gate.X) is not null;
            if (!matches || Match.Attribute(slope, gate.X.TensorType.ElementType) is not { } alpha) continue;
            if (gate.Region.Replace(Name, new Swish { Alpha = alpha }, p => p.Tap(gate.X)) is { } patch) return patch;
        }
        return null;
    }
}

using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>x/2 · (1 + erf(x/√2))</c> → <c>Gelu(x)</c>, and <c>x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))</c>, or <c>x · sigmoid</c> of twice that
/// argument, → its approximation by tanh; products and sums in any order and association. Numbers are scalars that do not
/// enlarge x, as near as <see cref="Match.IsNear"/> says; nothing else uses what lies between. At −∞ the exact form gives 0, where
/// the layers give NaN.
/// </summary>
public sealed class RecognizeGelu : IRule
{
    private static readonly double TanhScale = Math.Sqrt(2 / Math.PI);

    /// <inheritdoc/>
    public string Name => "recognize-gelu";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings | ValueEffects.NonFinite;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        // A sum is ½·x + ½·x·g; looking through every sum of a residual chain would take long.
        if (layer.Operator is not (Mul or Div) && !(layer.Operator is Add && layer.Inputs.All(static i => i!.Producer?.Operator is Mul or Div))) return null;
        foreach (var gate in Gate.Find(layer, context, static (g, region) => (region.Add<Erf>(g) ?? region.Add<Tanh>(g) ?? region.Add<Sigmoid>(g))?.Inputs[0]))
        {
            if (FormOf(gate) is { } form && gate.Region.Replace(Name, new Gelu { Approximate = form }, p => p.Tap(gate.X)) is { } patch) return patch;
        }
        return null;
    }

    private static GeluApproximation? FormOf(Gate gate)
    {
        var type = gate.X.TensorType.ElementType;
        Polynomial x = gate.X, g = gate.G, cubic = TanhScale * (x + 0.044715 * x * x * x);
        bool halved = gate.Outer.IsNear(0.5 * x * (1 + g), type);
        return gate.G.Producer!.Operator switch
        {
            Erf when halved && gate.Inner.IsNear(Math.Sqrt(0.5) * x, type) => GeluApproximation.None,
            Tanh when halved && gate.Inner.IsNear(cubic, type) => GeluApproximation.Tanh,
            Sigmoid when gate.Outer.IsNear(x * g, type) && gate.Inner.IsNear(2 * cubic, type) => GeluApproximation.Tanh,
            _ => null,
        };
    }
}

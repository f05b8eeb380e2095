using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>clamp(a·x + b, 0, u) / u</c> → <c>HardSigmoid(x, a/u, b/u)</c>, the clamp spelled by Clip, Relu, Max and Min. b is not 0; slope
/// and offset are scalars that do not enlarge x and that f32 holds; nothing else uses what lies between.
/// </summary>
public sealed class RecognizeHardSigmoid : IRule
{
    /// <inheritdoc/>
    public string Name => "recognize-hard-sigmoid";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Mul or Div or Clip or Min or Max)) return null;
        // The farthest operand has the whole line before it.
        foreach (var gate in Gate.Find(layer, context, static (g, region) => Clamp.Of(g, region)?.Operand).Reverse())
        {
            var type = gate.X.TensorType.ElementType;
            if (Clamp.Of(gate.G, gate.Region) is not { Low: 0, High: > 0 and < double.PositiveInfinity and var high }) continue;
            if (!gate.Outer.IsNear(1 / high * (Polynomial)gate.G, type) || gate.Inner.Linear(gate.X) is not { } line || line.Offset == 0) continue;
            if (Match.Attribute(line.Slope / high, type) is not { } alpha || Match.Attribute(line.Offset / high, type) is not { } beta) continue;
            if (gate.Region.Replace(Name, new HardSigmoid { Alpha = alpha, Beta = beta }, p => p.Tap(gate.X)) is { } patch) return patch;
        }
        return null;
    }
}

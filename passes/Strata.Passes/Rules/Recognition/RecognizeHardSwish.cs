using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>x · clamp(x + 3, 0, 6) / 6</c> and <c>x · HardSigmoid(x, 1/6, ½)</c> → <c>HardSwish(x)</c>, in any association; the clamp is spelled by
/// Clip, Relu, Max and Min, and may be scaled: <c>clamp(x/6 + ½, 0, 1)</c>. Numbers are scalars that do not enlarge x; nothing else
/// uses what lies between. The layers overflow where 6·x does, the operator does not.
/// </summary>
public sealed class RecognizeHardSwish : IRule
{
    /// <inheritdoc/>
    public string Name => "recognize-hard-swish";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Mul or Div)) return null;
        foreach (var gate in Gate.Find(layer, context, static (g, region) => region.Add<HardSigmoid>(g)?.Inputs[0] ?? Clamp.Of(g, region)?.Operand))
        {
            if (LineOf(gate) is not var (slope, offset, high) || !Match.IsNear(slope, 1.0 / 6, gate.X.TensorType.ElementType) || !Match.IsNear(offset, 0.5, gate.X.TensorType.ElementType)) continue;
            if (!gate.Outer.IsNear(1 / high * (Polynomial)gate.X * gate.G, gate.X.TensorType.ElementType)) continue;
            if (gate.Region.Replace(Name, new HardSwish(), p => p.Tap(gate.X)) is { } patch) return patch;
        }
        return null;
    }

    // The clamp's argument, scaled so that its upper bound is 1, and that bound.
    private static (double Slope, double Offset, double High)? LineOf(Gate gate)
    {
        if (gate.Inner.Linear(gate.X) is not { } line) return null;
        if (gate.G.Producer!.Operator is HardSigmoid hard) return line is (1, 0) ? (hard.Alpha, hard.Beta, 1) : null;
        return Clamp.Of(gate.G, gate.Region) is { Low: 0, High: > 0 and < double.PositiveInfinity and var high } ? (line.Slope / high, line.Offset / high, high) : null;
    }
}

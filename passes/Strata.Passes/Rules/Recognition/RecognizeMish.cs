using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary><c>x · tanh(Softplus(x))</c> → <c>Mish(x)</c>. Nothing else uses what lies between.</summary>
public sealed class RecognizeMish : Rule<Mul>
{
    /// <inheritdoc/>
    public override string Name => "recognize-mish";

    /// <inheritdoc/>
    public override ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Mul op, Layer layer, RewriteContext context)
    {
        foreach (var gate in Gate.Find(layer, context, static (g, region) => region.Add<Softplus>(region.Add<Tanh>(g)?.Inputs[0])?.Inputs[0]))
        {
            var type = gate.X.TensorType.ElementType;
            if (!gate.Inner.IsNear(gate.X, type) || !gate.Outer.IsNear((Polynomial)gate.X * gate.G, type)) continue;
            if (gate.Region.Replace(Name, new Mish(), p => p.Tap(gate.X)) is { } patch) return patch;
        }
        return null;
    }
}

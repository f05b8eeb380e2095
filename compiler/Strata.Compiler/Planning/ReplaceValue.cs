using Strata.Networks;
using Strata.Passes;

namespace Strata.Compiler.Planning;

/// <summary>Puts a constant in the place of what layers compute from others, to see what difference it makes.</summary>
internal sealed class ReplaceValue(Value value, Constant instead) : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "replace-value";

    /// <inheritdoc/>
    public override string Summary => "put a constant in the place of a value";

    /// <inheritdoc/>
    public override ValueEffects Effects => ValueEffects.Weights;

    /// <inheritdoc/>
    protected override IEnumerable<NetworkPatch> Sweep(RewriteContext context)
    {
        if (value.Producer is not { } producer || !context.Network.Layers.Contains(producer)) yield break;
        var patch = context.NewPatch(Name);
        patch.Replace(value, patch.Constant(instead, $"{value.Name}.exact"));
        yield return patch;
    }
}

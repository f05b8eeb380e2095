using Strata.Networks;
using Strata.Passes;

namespace Strata.Compiler.Planning;

/// <summary>Puts other constants in the place of some, to see what difference they make.</summary>
internal sealed class ReplaceConstants(IReadOnlyDictionary<Constant, Constant> replacements) : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "replace-constants";

    /// <inheritdoc/>
    public override string Summary => "put other constants in the place of some";

    /// <inheritdoc/>
    public override ValueEffects Effects => ValueEffects.Weights;

    /// <inheritdoc/>
    protected override IEnumerable<NetworkPatch> Sweep(RewriteContext context)
    {
        foreach (var value in context.Network.Constants)
        {
            if (!replacements.TryGetValue(value.Constant!, out var constant)) continue;
            var patch = context.NewPatch(Name);
            patch.Replace(value, patch.Constant(constant, value.Name));
            yield return patch;
        }
    }
}

using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary><c>Identity(x)</c> → <c>x</c>, for any kind of value. The output keeps its type, so x must be known as well.</summary>
public sealed class RemoveIdentity : Rule<Identity>
{
    /// <inheritdoc/>
    public override string Name => "remove-identity";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Identity op, Layer layer, RewriteContext context) => context.Forward(Name, layer, layer.Inputs[0]!);
}

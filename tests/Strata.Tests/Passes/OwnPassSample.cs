#region sample
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;

/// <summary><c>Relu(Relu(x))</c> → <c>Relu(x)</c>: the first leaves nothing for the second to do.</summary>
public sealed class MergeRelus : Rule<Relu>
{
    /// <inheritdoc/>
    public override string Name => "merge-relus";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Relu op, Layer layer, RewriteContext context) =>
        layer.Inputs[0]!.Producer is { Operator: Relu } ? context.Forward(Name, layer, layer.Inputs[0]!) : null;
}
#endregion

using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>f(f(x))</c> → <c>x</c> for Neg, Not and BitwiseNot, which undo themselves; → <c>f(x)</c> for Relu, Abs, Sign, Floor, Ceil and Round, which
/// find nothing left to do.
/// </summary>
public sealed class MergeRepeated : IRule
{
    /// <inheritdoc/>
    public string Name => "merge-repeated";

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not Unary || layer.Inputs[0]!.Producer is not { } first || first.Operator != layer.Operator) return null;
        return layer.Operator switch
        {
            Neg or Not or BitwiseNot => context.Forward(Name, layer, first.Inputs[0]!),
            Relu or Abs or Sign or Floor or Ceil or Round => context.Forward(Name, layer, layer.Inputs[0]!),
            _ => null,
        };
    }
}

using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// A sum, mean, product, maximum or minimum of one element → the element: reductions over dimensions of 1, or none, become a reshape, or
/// <c>x</c>; a Sum or Mean of one operand becomes it. A sum turns −0 into 0, which then stays.
/// </summary>
public sealed class RemoveLoneReduction : IRule
{
    /// <inheritdoc/>
    public string Name => "remove-lone-reduction";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer is { Operator: Sum or Mean, Inputs: [{ } only] }) return context.Forward(Name, layer, only);
        if (layer.Operator is not (ReduceSum or ReduceMean or ReduceProd or ReduceMax or ReduceMin) || layer.Inputs[0]! is not { TensorType: { Shape: { } shape } } x) return null;
        if (layer.Outputs is not [{ } output] || Match.Axes(layer) is not { } axes || !axes.All(a => shape[a].Is(1))) return null;
        if (Match.SameShape(output, x)) return context.Forward(Name, layer, x);
        var patch = context.NewPatch(Name);
        if (ReshapeTarget.Reshape(patch, x, output, layer.Name) is not { } reshaped) return null;
        patch.Replace(output, reshaped);
        return patch;
    }
}

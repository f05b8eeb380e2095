using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>Reshape(x, shape of x)</c> → <c>x</c>, and so for Squeeze, Unsqueeze, Flatten and Expand: none of them moves an element when the
/// shape stays. Shapes are equal when every dimension is, as a canonical expression; ranks must be known.
/// </summary>
public sealed class RemoveSameReshape : IRule
{
    /// <inheritdoc/>
    public string Name => "remove-same-reshape";

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Reshape or Squeeze or Unsqueeze or Flatten or Expand)) return null;
        if (layer.Outputs is not [{ } output] || layer.Inputs[0]!.TensorType.Shape is not { } shape || !shape.Equals(output.TensorType.Shape)) return null;
        return context.Forward(Name, layer, layer.Inputs[0]!);
    }
}

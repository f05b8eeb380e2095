using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>(x ∗ w + b) · c</c> → <c>x ∗ (w · c) + b · c</c>, and so for a division by c: a constant that holds one number, or one per channel,
/// scales the weights of the Conv, ConvTranspose, Gemm or MatMul before it. Nothing else may use the value between, or the
/// weights, which would be stored twice.
/// </summary>
public sealed class FoldScale : IRule
{
    /// <inheritdoc/>
    public string Name => "fold-scale";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (ConstantOperand.Scale(layer) is not { } scale || LinearLayer.Before(scale.Operand, context) is not { } linear || linear.AlongOutputs(scale.Constant) is not { } factors) return null;
        var patch = context.NewPatch(Name);
        patch.Replace(layer.Outputs[0]!, linear.Scaled(patch, layer.Operator, factors, layer.Outputs[0]!));
        return patch;
    }
}

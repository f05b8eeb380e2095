using Strata.Networks;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>(x · c) ∗ w</c> → <c>x ∗ (w · c)</c>, and so for a division by c: a constant that holds one number, or one per channel, scales the
/// weights of the Conv, ConvTranspose, Gemm or MatMul after it. Padding stays zero under a scale. Nothing else may use the
/// scaled value or the weights, and the constant must not enlarge x.
/// </summary>
public sealed class FoldPrecedingScale : IRule
{
    /// <inheritdoc/>
    public string Name => "fold-preceding-scale";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (LinearLayer.Of(layer, context) is not { } linear || layer.Inputs[0]! is not { Producer: { } before } scaled || context.Uses(scaled) > 1) return null;
        if (ConstantOperand.Scale(before) is not { KeepsShape: true } scale || linear.AlongInputs(scale.Constant) is not { } factors) return null;
        var patch = context.NewPatch(Name);
        patch.Replace(layer.Outputs[0]!, linear.OnUnscaled(patch, scale.Operand, before.Operator, factors));
        return patch;
    }
}

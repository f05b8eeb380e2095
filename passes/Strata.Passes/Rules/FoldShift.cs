using Strata.Networks;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>(x ∗ w + b) + c</c> → <c>x ∗ w + (b + c)</c>, and so for a subtraction of c: a constant that holds one number, or one per channel,
/// joins the bias of the Conv, ConvTranspose or Gemm before it; a product of matrices becomes a Gemm. Nothing else may use
/// the value between.
/// </summary>
public sealed class FoldShift : IRule
{
    /// <inheritdoc/>
    public string Name => "fold-shift";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (ConstantOperand.Shift(layer) is not { } shift || LinearLayer.Before(shift.Operand, context) is not { } linear || linear.AlongOutputs(shift.Constant) is not { } terms) return null;
        var patch = context.NewPatch(Name);
        if (linear.Shifted(patch, shift.Signed(terms), layer.Outputs[0]!) is not { } shifted) return null;
        patch.Replace(layer.Outputs[0]!, shifted);
        return patch;
    }
}

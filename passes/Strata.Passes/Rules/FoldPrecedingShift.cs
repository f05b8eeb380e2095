using Strata.Networks;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>(x + c) ∗ w + b</c> → <c>x ∗ w + (b + c ∗ w)</c>, and so for a subtraction of c: a constant that holds one number, or one per channel,
/// joins the bias of the unpadded Conv or the Gemm after it (padding would see the shift); a product of matrices becomes a
/// Gemm. Nothing else may use the shifted value, and the constant must not enlarge x.
/// </summary>
public sealed class FoldPrecedingShift : IRule
{
    /// <inheritdoc/>
    public string Name => "fold-preceding-shift";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (LinearLayer.Of(layer, context) is not { } linear || layer.Inputs[0]! is not { Producer: { } before } shifted || context.Uses(shifted) > 1) return null;
        if (ConstantOperand.Shift(before) is not { KeepsShape: true } shift || linear.AlongInputs(shift.Constant) is not { } terms) return null;
        var patch = context.NewPatch(Name);
        if (linear.OnUnshifted(patch, shift.Operand, shift.Signed(terms)) is not { } result) return null;
        patch.Replace(layer.Outputs[0]!, result);
        return patch;
    }
}

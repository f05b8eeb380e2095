using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>x / √(mean(x²) + ε) · s</c> → <c>RmsNormalization(x, s)</c>: the mean over the last axes, whose extents are known; s, where there is
/// one, broadcasts to those axes alone. Any association. The mean of 16-bit squares overflows in the layers, not in the
/// operator.
/// </summary>
public sealed class RecognizeRmsNormalization : IRule
{
    /// <inheritdoc/>
    public string Name => "recognize-rms-normalization";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (Standardization.Find(layer, context) is not { IsCentered: false } found || RecognizeLayerNormalization.Trailing(found) is not { } extents) return null;
        return found.Region.Replace(Name, new RmsNormalization { Axis = -extents.Length, Epsilon = found.Epsilon },
            p => p.Tap(found.X), p => Affine.Operand(p, found.Scale, found.X.TensorType.ElementType, "scale", extents, extents));
    }
}

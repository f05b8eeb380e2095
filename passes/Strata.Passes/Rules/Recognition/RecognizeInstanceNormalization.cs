using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>(x − mean(x)) / √(mean((x − mean(x))²) + ε) · s + b</c> → <c>InstanceNormalization(x, s, b)</c>: x is <c>[N, C, …]</c> of rank 3 or more with C
/// known, means over all axes from 2 on; s and b are constants that vary along C only. Where s and b do not vary, x of rank 3
/// is left to the layer normalisation.
/// </summary>
public sealed class RecognizeInstanceNormalization : IRule
{
    /// <inheritdoc/>
    public string Name => "recognize-instance-normalization";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (Standardization.Find(layer, context) is not { IsCentered: true } found || found.X.TensorType.Shape is not { Rank: >= 3 } shape) return null;
        if (found.Axes[0] != 2 || found.Axes.Length != shape.Rank - 2 || shape[1].Constant is not (>= 1 and <= int.MaxValue and var channels)) return null;
        if (shape.Rank == 3 && found.Scale.Powers.IsEmpty && found.Shift.Powers.IsEmpty && RecognizeLayerNormalization.Trailing(found) is not null) return null;
        return found.Region.Replace(Name, new InstanceNormalization { Epsilon = found.Epsilon }, p => p.Tap(found.X), PerChannel(found.Scale, "scale"), PerChannel(found.Shift, "bias"));

        Func<NetworkPatch, Value?> PerChannel(Term term, string name)
        {
            int[] aligned = [(int)channels, .. Enumerable.Repeat(1, shape.Rank - 2)];
            return p => Affine.Operand(p, term, found.X.TensorType.ElementType, name, aligned, [(int)channels]);
        }
    }
}

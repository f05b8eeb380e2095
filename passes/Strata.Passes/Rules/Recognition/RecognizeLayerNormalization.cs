using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>(x − mean(x)) / √(mean((x − mean(x))²) + ε) · s + b</c> → <c>LayerNormalization(x, s, b)</c>: means over the last axes, whose extents
/// are known; s and b, where there are any, broadcast to those axes alone. Any association, the batch normalisation form
/// <c>x·(s·r) + (b − mean·(s·r))</c> included. Statistics of 16-bit x overflow in the layers, not in the operator.
/// </summary>
public sealed class RecognizeLayerNormalization : IRule
{
    /// <inheritdoc/>
    public string Name => "recognize-layer-normalization";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (Standardization.Find(layer, context) is not { IsCentered: true } found || Trailing(found) is not { } extents) return null;
        var type = found.X.TensorType.ElementType;
        Func<NetworkPatch, Value?> scale = p => Affine.Operand(p, found.Scale, type, "scale", extents, extents), shift = p => Affine.Operand(p, found.Shift, type, "bias", extents, extents);
        var op = new LayerNormalization { Axis = -extents.Length, Epsilon = found.Epsilon };
        return found.Shift.Coefficient == 0 ? found.Region.Replace(Name, op, p => p.Tap(found.X), scale) : found.Region.Replace(Name, op, p => p.Tap(found.X), scale, shift);
    }

    /// <summary>The extents of the axes, where these are the last ones and the extents are known; a single element is not normalised.</summary>
    internal static int[]? Trailing(Standardization found)
    {
        var shape = found.X.TensorType.Shape!;
        int first = shape.Rank - found.Axes.Length;
        if (found.Axes[0] != first || !shape.Skip(first).All(d => d.Constant is >= 1 and <= int.MaxValue)) return null;
        int[] extents = [.. shape.Skip(first).Select(d => (int)d.Constant!.Value)];
        return extents.All(static e => e == 1) ? null : extents;
    }
}

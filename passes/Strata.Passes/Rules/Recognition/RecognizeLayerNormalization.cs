using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>(x − mean(x)) / √(mean((x − mean(x))²) + ε) · s + b</c> → <c>LayerNormalization(x, s, b)</c>: means over the last axes, whose extents
/// are known; s and b, where there are any, broadcast to those axes alone. Any association, the batch normalisation form
/// <c>x·(s·r) + (b − mean·(s·r))</c> included. Means over one other axis, as over channels that come first, are taken over the last
/// between two transposes. Statistics of 16-bit x overflow in the layers, not in the operator.
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
        if (Standardization.Find(layer, context) is not { IsCentered: true } found) return null;
        if (Trailing(found) is not { } extents) return Inner(found, context);
        var type = found.X.TensorType.ElementType;
        Func<NetworkPatch, Value?> scale = p => Affine.Operand(p, found.Scale, type, "scale", extents, extents), shift = p => Affine.Operand(p, found.Shift, type, "bias", extents, extents);
        var op = new LayerNormalization { Axis = -extents.Length, Epsilon = found.Epsilon };
        return found.Shift.Coefficient == 0 ? found.Region.Replace(Name, op, p => p.Tap(found.X), scale) : found.Region.Replace(Name, op, p => p.Tap(found.X), scale, shift);
    }

    // The axis is moved to the end, and back.
    private NetworkPatch? Inner(Standardization found, RewriteContext context)
    {
        var shape = found.X.TensorType.Shape!;
        if (found.Axes is not [var axis] || axis == shape.Rank - 1 || shape[axis].Constant is not (> 1 and <= int.MaxValue and var extent) || !found.Region.IsClosed) return null;
        long[] there = [.. Enumerable.Range(0, shape.Rank).Where(d => d != axis).Append(axis).Select(static d => (long)d)];
        long[] back = [.. Enumerable.Range(0, shape.Rank).Select(d => (long)Array.IndexOf(there, d))];
        int[] aligned = [(int)extent, .. Enumerable.Repeat(1, shape.Rank - 1 - axis)], dims = [(int)extent];
        var patch = context.NewPatch(Name);
        if (Affine.Operand(patch, found.Scale, found.X.TensorType.ElementType, "scale", aligned, dims) is not { } scale) return null;
        var shift = found.Shift.Coefficient == 0 ? null : Affine.Operand(patch, found.Shift, found.X.TensorType.ElementType, "bias", aligned, dims);
        if (shift is null && found.Shift.Coefficient != 0) return null;
        var moved = patch.Add(new Transpose { Perm = [.. there] }, patch.Tap(found.X));
        return found.Region.Replace(patch, new Transpose { Perm = [.. back] }, patch.Add(new LayerNormalization { Epsilon = found.Epsilon }, moved, scale, shift));
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

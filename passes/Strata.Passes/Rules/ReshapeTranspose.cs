using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>Transpose(x)</c> → <c>Reshape(x, s)</c>, where nothing but dimensions of 1 change places: the elements keep their order. A
/// constant target must say the shape of the result.
/// </summary>
public sealed class ReshapeTranspose : Rule<Transpose>
{
    /// <inheritdoc/>
    public override string Name => "reshape-transpose";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Transpose op, Layer layer, RewriteContext context)
    {
        if (layer.Outputs is not [{ } output] || layer.Inputs[0]! is not { TensorType.Shape: { } shape } x || Permutation.Of(layer) is not { } permutation) return null;
        int[] order = [.. Enumerable.Range(0, shape.Rank).Select(i => permutation[i])], kept = [.. order.Where(axis => !shape[axis].Is(1))];
        if (!kept.Order().SequenceEqual(kept) || order.Order().SequenceEqual(order)) return null;
        var patch = context.NewPatch(Name);
        if (ReshapeTarget.Reshape(patch, x, output, layer.Name) is not { } reshaped) return null;
        patch.Replace(output, reshaped);
        return patch;
    }
}

using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// A layer that hands its first operand on → the operand: a Tile that repeats nothing, a Slice of everything, a Pad by zeros, a
/// Concat, Split, Max or Min of one, a Dropout outside of training whose mask nobody needs, a Resize by 1. What decides must be
/// constant, or follow from shapes that are provably equal.
/// </summary>
public sealed class RemoveNoOp : IRule
{
    /// <inheritdoc/>
    public string Name => "remove-no-op";

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (!IsNoOp(layer) || layer.Inputs[0] is not { Type: TensorType } x || layer.Outputs is not [{ } output, .. var others]) return null;
        if (others.Any(o => o is not null && context.Uses(o) > 0) || !Knowledge.CanReplace(output.Type, x.Type)) return null;
        var patch = context.NewPatch(Name);
        patch.Replace(output, patch.Tap(x));
        return patch;
    }

    private static bool IsNoOp(Layer layer) => layer.Operator switch
    {
        Tile => Match.SameShape(layer.Outputs[0]!, layer.Inputs[0]!),
        Slice => Match.SameShape(layer.Outputs[0]!, layer.Inputs[0]!) && (Operand(layer, 4) is not { } steps || Match.Ints(steps)?.All(s => s > 0) == true),
        Pad => Match.Uniform(layer.Inputs[1]) == 0,
        Concat or Max or Min => layer.Inputs.Length == 1,
        Split => layer.Outputs.Length == 1,
        Dropout => Operand(layer, 2) is not { } training || Match.Uniform(training) == 0,
        Resize resize => Match.SameShape(layer.Outputs[0]!, layer.Inputs[0]!) && IsByOne(resize, layer),
        _ => false,
    };

    // Other coordinates meet the elements only as closely as their arithmetic is exact.
    private static bool IsByOne(Resize resize, Layer layer) => resize.Mode is Interpolation.Nearest or Interpolation.Linear
        && resize.Transformation is CoordinateTransformation.HalfPixel or CoordinateTransformation.PytorchHalfPixel or CoordinateTransformation.Asymmetric
        && (Operand(layer, 2) is { Constant: not { Count: 0 } } scales ? Match.Uniform(scales) == 1 : resize.KeepAspectRatio == AspectRatioPolicy.Stretch);

    private static Value? Operand(Layer layer, int index) => index < layer.Inputs.Length ? layer.Inputs[index] : null;
}

using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>clip(clip(x, a, b), c, d)</c> → <c>clip(x, a′, b′)</c>, where a Relu counts as <c>clip(x, 0, ∞)</c>: the second layer's limits of the first one's.
/// The bounds are constants, none of them NaN, and do not cross. f16, bf16, f32 and f64; the sign
/// of a zero may change, which Relu keeps.
/// </summary>
public sealed class MergeClips : IRule
{
    /// <inheritdoc/>
    public string Name => "merge-clips";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (Bounds(layer) is not { } outer || layer.Inputs[0]!.Producer is not { } first || Bounds(first) is not { } inner) return null;
        if (layer.Operator is Relu && first.Operator is Relu) return null;
        var output = layer.Outputs[0]!;
        var patch = context.NewPatch(Name);
        Value? least = Bound(Limit(inner.Least), double.NegativeInfinity, "min"), most = Bound(Limit(inner.Most), double.PositiveInfinity, "max");
        patch.Replace(output, patch.Add(new Clip(), [patch.Tap(first.Inputs[0]!), least, most], [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;

        double Limit(double bound) => Math.Min(Math.Max(bound, outer.Least), outer.Most);

        Value? Bound(double bound, double none, string name) => bound == none ? null
            : patch.Constant(Constant.Of(Tensor.FromDoubles(output.TensorType.ElementType, [], [bound])), $"{output.Name}.{name}");
    }

    private static (double Least, double Most)? Bounds(Layer layer)
    {
        if (layer.Outputs is not [{ Type: TensorType { ElementType: ElementType.Float16 or ElementType.BFloat16 or ElementType.Float32 or ElementType.Float64 } }]) return null;
        if (layer.Operator is Relu) return (0, double.PositiveInfinity);
        if (layer.Operator is not Clip) return null;
        double? least = Bound(1, double.NegativeInfinity), most = Bound(2, double.PositiveInfinity);
        return least <= most ? (least.Value, most.Value) : null;

        double? Bound(int index, double none) => index >= layer.Inputs.Length || layer.Inputs[index] is not { } given ? none : Match.Scalar(given);
    }
}

using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>Max(x, 0)</c> → <c>Relu(x)</c>, <c>Max(x, c)</c> → <c>clip(x, c, ∞)</c>, <c>Min(x, c)</c> → <c>clip(x, −∞, c)</c>, for floats and one constant that is no NaN and does
/// not enlarge x. Which zero results from two may change.
/// </summary>
public sealed class ClipExtremes : IRule
{
    /// <inheritdoc/>
    public string Name => "clip-extremes";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Max or Min) || layer.Inputs is not [{ } a, { } b] || layer.Outputs is not [{ } output]) return null;
        if (output.TensorType.ElementType is not (ElementType.Float16 or ElementType.BFloat16 or ElementType.Float32 or ElementType.Float64)) return null;
        (int kept, double? bound) = a.Constant is null ? (0, Match.Uniform(b)) : (1, Match.Uniform(a));
        if (bound is not { } number || double.IsNaN(number) || layer.Inputs[kept]!.Constant is not null || !Match.KeepsShapeOf(layer, kept)) return null;

        var patch = context.NewPatch(Name);
        var x = patch.Tap(layer.Inputs[kept]!);
        var limit = layer.Operator is Max && number == 0 ? null : patch.Constant(Constant.Of(Tensor.FromDoubles(output.TensorType.ElementType, [], [number])), $"{output.Name}.bound");
        var clip = limit is null ? patch.Add(new Relu(), [x], [new OutputSpec(output.Name, output.Type)], layer.Name)
            : patch.Add(new Clip(), layer.Operator is Max ? [x, limit] : [x, null, limit], [new OutputSpec(output.Name, output.Type)], layer.Name);
        patch.Replace(output, clip.Outputs[0]!);
        return patch;
    }
}

using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>Reshape(g(x), s)</c> → <c>Reshape(x, s)</c> where g is Reshape, Squeeze, Unsqueeze or Flatten: elements keep their order through
/// both. The target must not depend on the shape in between: either the result's shape is constant, which then is the
/// target, or s is a constant of positive numbers and at most one −1.
/// </summary>
public sealed class MergeReshapes : Rule<Reshape>
{
    /// <inheritdoc/>
    public override string Name => "merge-reshapes";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Reshape op, Layer layer, RewriteContext context)
    {
        if (layer.Outputs is not [{ } output] || layer.Inputs[0]!.Producer is not { Operator: Reshape or Squeeze or Unsqueeze or Flatten } first) return null;
        int[]? shape = output.TensorType.Shape?.Constant;
        if (shape is null && !IsIndependent(layer.Inputs[1]!.Constant)) return null;

        var patch = context.NewPatch(Name);
        var target = shape is null ? patch.Tap(layer.Inputs[1]!) : patch.Constant(Constant.Of(Tensor.Vector<long>([.. shape.Select(d => (long)d)])), $"{output.Name}.shape");
        var merged = new Reshape { AllowZero = shape?.Contains(0) ?? op.AllowZero };
        patch.Replace(output, patch.Add(merged, [patch.Tap(first.Inputs[0]!), target], [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;
    }

    private static bool IsIndependent(Constant? target) => target is { Count: <= Limits.Rank }
        && target.Materialize().ToInt64s() is var dims && dims.All(d => d is > 0 or -1) && dims.Count(d => d == -1) <= 1;
}

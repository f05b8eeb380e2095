using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>f(g(x))</c> → <c>Reshape(x, s)</c>, or <c>x</c>, where f and g are Reshape, Squeeze, Unsqueeze or Flatten: elements keep their order
/// through both. Either a constant target must say the shape of the result, or f has one of positive numbers and at most
/// one −1, which then serves.
/// </summary>
public sealed class MergeReshapes : IRule
{
    /// <inheritdoc/>
    public string Name => "merge-reshapes";

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (!KeepsOrder(layer) || layer.Inputs[0]!.Producer is not { } first || !KeepsOrder(first) || layer.Outputs is not [{ } output]) return null;
        var source = first.Inputs[0]!;
        if (source.TensorType.Shape is { } shape && shape.Equals(output.TensorType.Shape)) return context.Forward(Name, layer, source);

        var patch = context.NewPatch(Name);
        bool serves = output.TensorType.Shape?.Constant is null && layer.Operator is Reshape && IsIndependent(Match.Ints(layer.Inputs[1]));
        var merged = serves
            ? patch.Add(layer.Operator, [patch.Tap(source), patch.Tap(layer.Inputs[1]!)], [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]
            : ReshapeTarget.Reshape(patch, source, output, layer.Name);
        if (merged is null) return null;
        patch.Replace(output, merged);
        return patch;
    }

    private static bool KeepsOrder(Layer layer) => layer.Operator is Reshape or Squeeze or Unsqueeze or Flatten;

    private static bool IsIndependent(long[]? target) => target is not null && target.All(d => d is > 0 or -1) && target.Count(d => d == -1) <= 1;
}

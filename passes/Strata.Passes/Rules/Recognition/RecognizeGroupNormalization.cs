using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>Reshape(InstanceNormalization(Reshape(x, [N, G, …]), 1, 0), shape of x) · s + b</c> → <c>GroupNormalization(x, s, b)</c> with G groups: x is
/// <c>[N, C, …]</c> with C known, s and b, where there are any, are constants that vary along C only.
/// </summary>
public sealed class RecognizeGroupNormalization : IRule
{
    /// <inheritdoc/>
    public string Name => "recognize-group-normalization";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Mul or Add or Reshape) || layer.Outputs is not [{ } result] || !result.TensorType.ElementType.IsFloat()) return null;
        foreach (var value in Expansion.Reach(result))
        {
            var region = new Region(layer, context);
            if (region.Add<InstanceNormalization>(region.Add<Reshape>(value)?.Inputs[0]) is not { Operator: InstanceNormalization instance } norm) continue;
            if (!IsFilled(norm.Inputs[1]!, 1) || !IsFilled(norm.Inputs[2]!, 0) || region.Add<Reshape>(norm.Inputs[0])?.Inputs[0] is not { } x) continue;
            if (x.TensorType.Shape is not { Rank: >= 2 } shape || shape[1].Constant is not (>= 1 and <= int.MaxValue and var channels) || !Match.SameShape(x, value) || !Match.SameShape(x, result)) continue;
            if (norm.Inputs[0]!.TensorType.Shape is not { Rank: >= 3 } grouped || !grouped[0].Equals(shape[0]) || grouped[1].Constant is not { } groups || groups < 1 || channels % groups != 0) continue;

            var terms = new Expansion(region, value).Of(result).Terms;
            if (terms.FirstOrDefault(t => t[value] == 1) is not { } main || terms.Remove(main) is not ([] or [_]) || terms.Any(t => t.Without(value).Powers.Count > 1)) continue;
            var shift = terms.Remove(main) is [var only] ? only : main with { Coefficient = 0, Powers = main.Powers.Clear() };
            var op = new GroupNormalization { Epsilon = instance.Epsilon, NumGroups = groups };
            int[] aligned = [(int)channels, .. Enumerable.Repeat(1, shape.Rank - 2)];
            if (region.Replace(Name, op, p => p.Tap(x), PerChannel(main.Without(value), "scale", aligned), PerChannel(shift, "bias", aligned)) is { } patch) return patch;
        }
        return null;

        Func<NetworkPatch, Value?> PerChannel(Term term, string name, int[] aligned) => p => Affine.Operand(p, term, result.TensorType.ElementType, name, aligned, [aligned[0]]);
    }

    private static bool IsFilled(Value value, double number) => value.Constant is { Count: <= 1 << 16 } constant && constant.Materialize().ToDoubles().All(v => v == number);
}

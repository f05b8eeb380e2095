using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// x over the root of the mean of its squares plus epsilon, or x less its mean over the standard deviation, times a scale and plus
/// a shift: <c>(x − m) · (v + ε)^−½ · s + b</c>, the products, quotients and sums of it in any form.
/// </summary>
/// <param name="X">What is standardised.</param>
/// <param name="IsCentered">True when the mean is subtracted.</param>
/// <param name="Epsilon">What is added to the mean of squares.</param>
/// <param name="Axes">The axes that means run over, ascending.</param>
/// <param name="Scale">s: a number times at most one value.</param>
/// <param name="Shift">b, of the same kind; coefficient 0 for none.</param>
/// <param name="Region">All layers of it.</param>
internal sealed record Standardization(Value X, bool IsCentered, float Epsilon, int[] Axes, Term Scale, Term Shift, Region Region)
{
    private static readonly Term Nothing = (Polynomial)1 is { Terms: [var one] } ? one with { Coefficient = 0 } : throw new InvalidOperationException();

    /// <summary>The result of a layer seen so, or null. The result has the shape of x, which is known.</summary>
    public static Standardization? Find(Layer root, RewriteContext context)
    {
        if (root.Operator is not (Mul or Div or Add or Sub) || root.Outputs is not [{ } result] || !result.TensorType.ElementType.IsFloat()) return null;
        foreach (var spread in Expansion.Reach(result))
        {
            if (spread.Producer is { Operator: Sqrt or Pow } power && Of(root, context, power.Inputs[0]!) is { } found) return found;
        }
        return null;
    }

    private static Standardization? Of(Layer root, RewriteContext context, Value variance)
    {
        var region = new Region(root, context);
        var type = variance.TensorType.ElementType;
        if (region.Add<Add>(variance) is not { } sum || Match.WithScalar(sum) is not var (squares, number) || Match.Attribute(number, type) is not { } epsilon) return null;
        if (MeanOf(squares, region) is not var (squared, axes) || SquaredIn(squared, region) is not { } x) return null;

        Value? mean = null;
        if (x.Producer is { Operator: Sub, Inputs: [{ } source, { } subtracted] } difference && MeanOf(subtracted, region) is var (averaged, over) && averaged == source && over.SequenceEqual(axes))
        {
            region.Add(difference);
            (x, mean) = (source, subtracted);
        }
        if (!Match.SameShape(x, region.Result)) return null;

        var terms = new Expansion(region, x, mean, variance).Of(region.Result).Terms;
        if (terms.FirstOrDefault(t => t[x] == 1 && t[variance] == -0.5) is not { } main) return null;
        var scale = main.Without(x, variance);
        var rest = terms.Remove(main);
        if (mean is not null)
        {
            if (rest.FirstOrDefault(t => t[mean] == 1 && t[variance] == -0.5 && t.Without(mean, variance).IsLike(scale) && t.Coefficient == -main.Coefficient) is not { } centering) return null;
            rest = rest.Remove(centering);
        }
        var shift = rest is [] ? Nothing : rest is [var only] ? only : null;
        if (shift is null || !IsSimple(scale) || !IsSimple(shift) || mean is null && rest.Length > 0) return null;
        return new(x, mean is not null, epsilon, axes, scale, shift, region);

        bool IsSimple(Term term) => term.Powers.Count == 0 || term.Powers.Count == 1 && term.Powers.All(p => p.Value == 1 && p.Key != x && p.Key != mean && p.Key != variance);
    }

    private static (Value Operand, int[] Axes)? MeanOf(Value value, Region region)
    {
        if (value.Producer is not { Operator: ReduceMean { KeepDims: true } } layer || Match.Axes(layer) is not { Length: > 0 } axes) return null;
        region.Add(layer);
        return (layer.Inputs[0]!, axes);
    }

    private static Value? SquaredIn(Value value, Region region)
    {
        if (value.Producer is not { } layer || !(layer.Operator is Mul && layer.Inputs[0] == layer.Inputs[1] || layer.Operator is Pow && Match.Scalar(layer.Inputs[1]) == 2)) return null;
        region.Add(layer);
        return layer.Inputs[0];
    }
}

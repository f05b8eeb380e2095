using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary><c>scale · (q · kᵀ) + Σ masks</c>, every intermediate result used once.</summary>
/// <param name="Product">The layer that multiplies queries and transposed keys.</param>
/// <param name="Scale">What the product is multiplied by.</param>
/// <param name="Added">What is added, innermost first.</param>
/// <param name="Path">All layers of it.</param>
internal sealed record ScoreExpression(Layer Product, double Scale, ImmutableArray<Value> Added, ImmutableArray<Layer> Path)
{
    /// <summary>A value seen so, or null. The sums and factors leave the product's shape as it is.</summary>
    public static ScoreExpression? Of(Value value, RewriteContext context)
    {
        if (value.Producer is not { } layer || context.Uses(value) != 1) return null;
        if (layer.Operator is MatMul) return new(layer, 1, [], [layer]);
        if (Factor(layer) is var (x, factor) && Of(x, context) is { Added.IsEmpty: true } scaled) return scaled with { Scale = scaled.Scale * factor, Path = scaled.Path.Add(layer) };
        if (layer.Operator is not Add) return null;
        for (int i = 0; i < 2; i++)
        {
            var (scores, mask) = (layer.Inputs[i]!, layer.Inputs[1 - i]!);
            if (Match.SameShape(scores, value) && Of(scores, context) is { } rest) return rest with { Added = rest.Added.Add(mask), Path = rest.Path.Add(layer) };
        }
        return null;
    }

    /// <summary>A layer that multiplies by a number, or divides by one, and keeps the shape: the operand and the factor.</summary>
    public static (Value Operand, double Factor)? Factor(Layer layer)
    {
        if (ConstantOperand.Scale(layer) is not { KeepsShape: true } scaled || Match.Scalar(scaled.Constant) is not { } number) return null;
        return (scaled.Operand, layer.Operator is Div ? 1 / number : number);
    }
}

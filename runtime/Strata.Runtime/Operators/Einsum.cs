using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Einstein summation: products of operands whose equal labels run together, summed over the labels that the result lacks.</summary>
public sealed record Einsum : Operator
{
    /// <summary>Such as <c>bij,bjk-&gt;bik</c>; an ellipsis stands for further dimensions, which broadcast.</summary>
    public string Equation { get; init; } = "";

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Equation = walker.Text("equation", Equation) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, int.MaxValue);
        context.Allow(0, "numeric and real", static t => t.IsFloat() || t.IsInteger());
        var type = context.Input(0).ElementType;
        var shapes = new Shape?[context.InputCount];
        for (int i = 0; i < shapes.Length; i++)
        {
            context.Allow(i, type.Name(), t => t == type);
            shapes[i] = context.Input(i).Shape;
        }
        if (Array.Exists(shapes, s => s is null))
        {
            context.Output(0, type, null);
            return;
        }
        var equation = EinsumEquation.Parse(Equation, [.. shapes.Select(s => s!.Rank)]);
        var extents = new Dictionary<char, Dim>();
        for (int i = 0; i < shapes.Length; i++)
        {
            for (int d = 0; d < shapes[i]!.Rank; d++)
            {
                char label = equation.Operands[i][d];
                extents[label] = extents.TryGetValue(label, out var known) ? context.Broadcast([known], [shapes[i]![d]])![0] : shapes[i]![d];
            }
        }
        context.Output(0, type, Shape.Create([.. equation.Result.Select(label => extents[label])]));
    }
}

using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Its operand, of any kind.</summary>
public sealed record Identity : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Output(0, context.Type(0));
        context.OutputContents(0, context.Elements(0));
    }
}

/// <summary>The number of elements of a tensor, an i64 scalar.</summary>
public sealed record Size : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Output(0, ElementType.Int64, Shape.Scalar);
        if (context.Input(0).Shape is { } shape) context.OutputContents(0, [shape.Count]);
    }
}

/// <summary>
/// Operands: data; the share of elements to drop (a float scalar, 0.5 when omitted); whether to drop at all (bool scalar,
/// false when omitted). Outputs: data, in training with dropped elements zero and the others divided by the kept share;
/// and the bool mask of kept elements.
/// </summary>
public sealed record Dropout : Operator
{
    /// <summary>Where the random sequence starts; 0 when absent, so that runs repeat.</summary>
    public long? Seed { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Seed = walker.OptionalInt("seed", Seed) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 3);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        if (context.Has(1)) context.Allow(1, "floating point", ElementTypes.IsFloat);
        if (context.Has(2)) context.Allow(2, "bool", static t => t == ElementType.Bool);
        var data = context.Input(0);
        context.Output(0, data.ElementType, data.Shape);
        context.Output(1, ElementType.Bool, data.Shape);
    }
}

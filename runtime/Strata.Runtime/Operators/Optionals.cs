using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>An optional that holds the operand, or, when it is omitted, an absent one of a stated type.</summary>
public sealed record MakeOptional : Operator
{
    /// <summary>The type of the absent value.</summary>
    public NetworkType? Type { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Type = walker.ValueType("type", Type) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(0, 1);
        if (context.Has(0)) context.Output(0, new OptionalType(context.Type(0)));
        else context.Output(0, new OptionalType(Type ?? throw context.Fail("an absent optional needs a type")));
    }
}

/// <summary>True (a bool scalar) when the operand is a present optional or no optional at all; false when absent or omitted.</summary>
public sealed record OptionalHasElement : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(0, 1);
        context.Output(0, ElementType.Bool, Shape.Scalar);
    }
}

/// <summary>The value of an optional, which must be present; any other operand is its own value.</summary>
public sealed record OptionalGetElement : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Output(0, context.Type(0) is OptionalType optional ? optional.Element : context.Type(0));
    }
}

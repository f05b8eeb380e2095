using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>One or more tensors of one type, broadcast against each other, to one of the same type.</summary>
public abstract record Variadic : Operator
{
    /// <inheritdoc/>
    public override bool IsElementwise => true;

    /// <summary>True for element types that the operator takes.</summary>
    protected virtual bool Takes(ElementType type) => type.IsFloat();

    /// <summary>The types that <see cref="Takes"/> accepts, in words.</summary>
    protected virtual string Taken => "floating point";

    /// <summary>The operation on two dimensions, or null where it has none.</summary>
    protected virtual Dim? OnDims(Dim a, Dim b) => null;

    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, int.MaxValue);
        context.Allow(0, Taken, Takes);
        var first = context.Input(0);
        var shape = first.Shape;
        for (int i = 1; i < context.InputCount; i++)
        {
            var other = context.Input(i);
            if (other.ElementType != first.ElementType) throw context.Fail($"input {i} is {other.ElementType.Name()}, input 0 is {first.ElementType.Name()}");
            shape = context.Broadcast(shape, other.Shape);
        }
        context.Output(0, first.ElementType, shape);
        ElementwiseContents.Propagate(context, element => element.Skip(1).Aggregate((Dim?)element[0], (a, b) => a is null ? null : OnDims(a, b)));
    }
}

/// <summary>The greatest of the operands' elements; NaN when one is NaN.</summary>
public sealed record Max : Variadic
{
    /// <inheritdoc/>
    protected override bool Takes(ElementType type) => type.IsFloat() || type.IsInteger();

    /// <inheritdoc/>
    protected override string Taken => "floating point or integer";

    /// <inheritdoc/>
    protected override Dim? OnDims(Dim a, Dim b) => Dim.Max(a, b);
}

/// <summary>The least of the operands' elements; NaN when one is NaN.</summary>
public sealed record Min : Variadic
{
    /// <inheritdoc/>
    protected override bool Takes(ElementType type) => type.IsFloat() || type.IsInteger();

    /// <inheritdoc/>
    protected override string Taken => "floating point or integer";

    /// <inheritdoc/>
    protected override Dim? OnDims(Dim a, Dim b) => Dim.Min(a, b);
}

/// <summary>The sum of the operands.</summary>
public sealed record Sum : Variadic;

/// <summary>The arithmetic mean of the operands.</summary>
public sealed record Mean : Variadic;

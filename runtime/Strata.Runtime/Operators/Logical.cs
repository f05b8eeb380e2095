using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Two tensors of truth values, broadcast against each other.</summary>
public abstract record Logical : Operator
{
    /// <inheritdoc/>
    public override bool IsElementwise => true;

    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        for (int i = 0; i < 2; i++) context.Allow(i, "bool", static t => t == ElementType.Bool);
        context.Output(0, ElementType.Bool, context.Broadcast(context.Input(0).Shape, context.Input(1).Shape));
        ElementwiseContents.Propagate(context, element => ElementwiseContents.Of(Combine(!element[0].Is(0), !element[1].Is(0))));
    }

    /// <summary>The operation on two truth values.</summary>
    public abstract bool Combine(bool a, bool b);
}

/// <summary>True where both are.</summary>
public sealed record And : Logical
{
    /// <inheritdoc/>
    public override bool Combine(bool a, bool b) => a && b;
}

/// <summary>True where at least one is.</summary>
public sealed record Or : Logical
{
    /// <inheritdoc/>
    public override bool Combine(bool a, bool b) => a || b;
}

/// <summary>True where exactly one is.</summary>
public sealed record Xor : Logical
{
    /// <inheritdoc/>
    public override bool Combine(bool a, bool b) => a != b;
}

/// <summary>True where the input is false.</summary>
public sealed record Not : Unary
{
    /// <inheritdoc/>
    protected override bool Takes(ElementType type) => type == ElementType.Bool;

    /// <inheritdoc/>
    protected override string Taken => "bool";

    /// <inheritdoc/>
    protected override Dim? OnDim(Dim x) => x.Is(0) ? Dim.One : Dim.Zero;
}

/// <summary>Takes each element from the second operand where the first (bool) is true, from the third elsewhere; all broadcast.</summary>
public sealed record Where : Operator
{
    /// <inheritdoc/>
    public override bool IsElementwise => true;

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 3);
        context.Allow(0, "bool", static t => t == ElementType.Bool);
        TensorType condition = context.Input(0), x = context.Input(1), y = context.Input(2);
        if (x.ElementType != y.ElementType) throw context.Fail($"element types differ: {x.ElementType.Name()} and {y.ElementType.Name()}");
        context.Output(0, x.ElementType, context.Broadcast(context.Broadcast(condition.Shape, x.Shape), y.Shape));
        ElementwiseContents.Propagate(context, element => element[0].Is(0) ? element[2] : element[1]);
    }
}

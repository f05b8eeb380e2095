using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>One tensor to one of the same type and shape, element by element.</summary>
public abstract record Unary : Operator
{
    /// <inheritdoc/>
    public override bool IsElementwise => true;

    /// <summary>True for element types that the operator takes.</summary>
    protected virtual bool Takes(ElementType type) => type.IsFloat();

    /// <summary>The types that <see cref="Takes"/> accepts, in words.</summary>
    protected virtual string Taken => "floating point";

    /// <summary>The operation on a dimension, or null where it has none.</summary>
    protected virtual Dim? OnDim(Dim x) => null;

    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, Taken, Takes);
        CheckAttributes(context);
        var x = context.Input(0);
        context.Output(0, x.ElementType, x.Shape);
        ElementwiseContents.Propagate(context, element => OnDim(element[0]));
    }

    /// <summary>Refuses attribute values that the operator has no meaning for.</summary>
    protected virtual void CheckAttributes(InferenceContext context)
    {
    }
}

/// <summary>A <see cref="Unary"/> that also takes integers.</summary>
public abstract record UnaryNumeric : Unary
{
    /// <inheritdoc/>
    protected override bool Takes(ElementType type) => type.IsFloat() || type.IsInteger();

    /// <inheritdoc/>
    protected override string Taken => "floating point or integer";
}

/// <summary><c>|x|</c>; the least signed integer stays itself.</summary>
public sealed record Abs : UnaryNumeric
{
    /// <inheritdoc/>
    protected override Dim? OnDim(Dim x) => x.IsNonNegative ? x : x.Constant is < 0 ? x * -1 : null;
}

/// <summary><c>−x</c>, for floats and signed integers.</summary>
public sealed record Neg : UnaryNumeric
{
    /// <inheritdoc/>
    protected override bool Takes(ElementType type) => type.IsFloat() || type.Kind() == ElementKind.Signed;

    /// <inheritdoc/>
    protected override string Taken => "floating point or signed";

    /// <inheritdoc/>
    protected override Dim? OnDim(Dim x) => x * -1;
}

/// <summary>−1, 0 or 1; NaN stays NaN.</summary>
public sealed record Sign : UnaryNumeric;

/// <summary>The greatest integer not above x.</summary>
public sealed record Floor : Unary;

/// <summary>The least integer not below x.</summary>
public sealed record Ceil : Unary;

/// <summary>The nearest integer, ties to even.</summary>
public sealed record Round : Unary;

/// <summary><c>1 / x</c>.</summary>
public sealed record Reciprocal : Unary;

/// <summary>The square root; NaN below zero.</summary>
public sealed record Sqrt : Unary;

/// <summary><c>eˣ</c>.</summary>
public sealed record Exp : Unary;

/// <summary>The natural logarithm; −∞ at zero, NaN below.</summary>
public sealed record Log : Unary;

/// <summary>The error function, <c>2/√π · ∫₀ˣ e^(−t²) dt</c>.</summary>
public sealed record Erf : Unary;

/// <summary>The sine of an angle in radians.</summary>
public sealed record Sin : Unary;

/// <summary>The cosine of an angle in radians.</summary>
public sealed record Cos : Unary;

/// <summary>The tangent of an angle in radians.</summary>
public sealed record Tan : Unary;

/// <summary>The inverse sine, in radians.</summary>
public sealed record Asin : Unary;

/// <summary>The inverse cosine, in radians.</summary>
public sealed record Acos : Unary;

/// <summary>The inverse tangent, in radians.</summary>
public sealed record Atan : Unary;

/// <summary>The hyperbolic sine.</summary>
public sealed record Sinh : Unary;

/// <summary>The hyperbolic cosine.</summary>
public sealed record Cosh : Unary;

/// <summary>The hyperbolic tangent.</summary>
public sealed record Tanh : Unary;

/// <summary>The inverse hyperbolic sine.</summary>
public sealed record Asinh : Unary;

/// <summary>The inverse hyperbolic cosine; NaN below 1.</summary>
public sealed record Acosh : Unary;

/// <summary>The inverse hyperbolic tangent; NaN outside [−1, 1].</summary>
public sealed record Atanh : Unary;

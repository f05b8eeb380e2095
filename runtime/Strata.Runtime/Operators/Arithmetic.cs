using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Two tensors of one numeric type, broadcast against each other, to one of the same type.</summary>
public abstract record Arithmetic : Operator
{
    /// <inheritdoc/>
    public override bool IsElementwise => true;

    /// <summary>True for element types that the operator takes.</summary>
    protected virtual bool Takes(ElementType type) => type.Kind() is not (ElementKind.Bool or ElementKind.String);

    /// <summary>The types that <see cref="Takes"/> accepts, in words.</summary>
    protected virtual string Taken => "numeric";

    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        TensorType a = context.Input(0), b = context.Input(1);
        if (a.ElementType != b.ElementType) throw context.Fail($"element types differ: {a.ElementType.Name()} and {b.ElementType.Name()}");
        context.Allow(0, Taken, Takes);
        CheckAttributes(context);
        context.Output(0, a.ElementType, context.Broadcast(a.Shape, b.Shape));
        ElementwiseContents.Propagate(context, element => OnDims(element[0], element[1]));
    }

    /// <summary>The operation on dimensions, or null where it has none.</summary>
    protected virtual Dim? OnDims(Dim a, Dim b) => null;

    /// <summary>Refuses attribute values that the operator has no meaning for.</summary>
    protected virtual void CheckAttributes(InferenceContext context)
    {
    }
}

/// <summary><c>a + b</c>.</summary>
public sealed record Add : Arithmetic
{
    /// <inheritdoc/>
    protected override Dim? OnDims(Dim a, Dim b) => a + b;
}

/// <summary><c>a − b</c>.</summary>
public sealed record Sub : Arithmetic
{
    /// <inheritdoc/>
    protected override Dim? OnDims(Dim a, Dim b) => a - b;
}

/// <summary><c>a · b</c>.</summary>
public sealed record Mul : Arithmetic
{
    /// <inheritdoc/>
    protected override Dim? OnDims(Dim a, Dim b) => a * b;
}

/// <summary><c>a / b</c>; integers are truncated toward zero, and division of an integer by zero is an error.</summary>
public sealed record Div : Arithmetic
{
    /// <inheritdoc/>
    protected override Dim? OnDims(Dim a, Dim b) => (a.Constant, b.Constant) switch
    {
        (_, 0) => null,
        ({ } x, { } y) when y != -1 => x / y,
        _ => a.IsNonNegative && b.IsNonNegative ? Dim.FloorDiv(a, b) : null,
    };
}

/// <summary>
/// The remainder of a division. By default that of Python's <c>%</c>, on integers: its sign is the divisor's. With
/// <see cref="Fmod"/> that of C's <c>fmod</c>: its sign is the dividend's.
/// </summary>
public sealed record Mod : Arithmetic
{
    /// <summary>True for C's <c>fmod</c>; required for floats.</summary>
    public bool Fmod { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Fmod = walker.Flag("fmod", Fmod) };

    /// <inheritdoc/>
    protected override bool Takes(ElementType type) => type.IsInteger() || type.IsFloat();

    /// <inheritdoc/>
    protected override string Taken => "floating point or integer";

    /// <inheritdoc/>
    protected override void CheckAttributes(InferenceContext context)
    {
        if (!Fmod && context.Input(0).ElementType.IsFloat()) throw context.Fail("fmod must be 1 for floating-point inputs, is 0");
    }

    /// <inheritdoc/>
    protected override Dim? OnDims(Dim a, Dim b) => a.IsNonNegative && b.IsNonNegative && !b.Is(0) ? a - Dim.FloorDiv(a, b) * b : null;
}

/// <summary>Which way <see cref="BitShift"/> moves bits.</summary>
public enum ShiftDirection
{
    /// <summary>Toward the highest bit.</summary>
    Left,
    /// <summary>Toward the lowest bit.</summary>
    Right,
}

/// <summary>Moves the bits of unsigned integers; zeros enter, also when the shift reaches the width of the type.</summary>
public sealed record BitShift : Arithmetic
{
    private static readonly ImmutableArray<string> DirectionNames = ["", "LEFT", "RIGHT"];

    /// <summary>Which way bits move; required.</summary>
    public ShiftDirection? Direction { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker)
    {
        int choice = walker.Choice("direction", Direction is null ? 0 : (int)Direction + 1, DirectionNames);
        return this with { Direction = choice == 0 ? null : (ShiftDirection)(choice - 1) };
    }

    /// <inheritdoc/>
    protected override void CheckAttributes(InferenceContext context)
    {
        if (Direction is null) throw context.Fail("direction is required; allowed are LEFT, RIGHT");
    }

    /// <inheritdoc/>
    protected override bool Takes(ElementType type) => type.Kind() == ElementKind.Unsigned;

    /// <inheritdoc/>
    protected override string Taken => "an unsigned integer";
}

/// <summary>Two tensors of one integer type, broadcast against each other, combined bit by bit.</summary>
public abstract record Bitwise : Arithmetic
{
    /// <inheritdoc/>
    protected sealed override bool Takes(ElementType type) => type.IsInteger();

    /// <inheritdoc/>
    protected sealed override string Taken => "an integer";
}

/// <summary><c>a &amp; b</c>.</summary>
public sealed record BitwiseAnd : Bitwise;

/// <summary><c>a | b</c>.</summary>
public sealed record BitwiseOr : Bitwise;

/// <summary><c>a ^ b</c>.</summary>
public sealed record BitwiseXor : Bitwise;

/// <summary><c>~x</c>, for integers.</summary>
public sealed record BitwiseNot : Unary
{
    /// <inheritdoc/>
    protected override bool Takes(ElementType type) => type.IsInteger();

    /// <inheritdoc/>
    protected override string Taken => "an integer";
}

/// <summary>
/// <c>baseᵉ</c>, broadcast; the exponent may have another numeric type, the result has the base's. Integers with a
/// non-negative integer exponent are exact modulo their width; otherwise integer results are truncated toward zero.
/// </summary>
public sealed record Pow : Operator
{
    /// <inheritdoc/>
    public override bool IsElementwise => true;

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(0, "floating point or integer", static t => t.IsFloat() || t.IsInteger());
        context.Allow(1, "floating point or integer", static t => t.IsFloat() || t.IsInteger());
        TensorType a = context.Input(0), b = context.Input(1);
        context.Output(0, a.ElementType, context.Broadcast(a.Shape, b.Shape));
    }
}

using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Two tensors of one type, broadcast against each other, to truth values. Comparisons with NaN are false.</summary>
public abstract record Comparison : Operator
{
    /// <inheritdoc/>
    public override bool IsElementwise => true;

    /// <summary>True for element types that the operator takes.</summary>
    protected virtual bool Takes(ElementType type) => type.IsFloat() || type.IsInteger();

    /// <summary>The types that <see cref="Takes"/> accepts, in words.</summary>
    protected virtual string Taken => "floating point or integer";

    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        TensorType a = context.Input(0), b = context.Input(1);
        if (a.ElementType != b.ElementType) throw context.Fail($"element types differ: {a.ElementType.Name()} and {b.ElementType.Name()}");
        context.Allow(0, Taken, Takes);
        context.Output(0, ElementType.Bool, context.Broadcast(a.Shape, b.Shape));
        ElementwiseContents.Propagate(context, element => ElementwiseContents.Of(OnDims(element[0], element[1])));
    }

    /// <summary>The truth of the comparison of two dimensions where it is certain.</summary>
    private bool? OnDims(Dim a, Dim b)
    {
        var difference = a - b;
        if (difference.Constant is { } constant) return Holds(Math.Sign(constant));
        // The certain sign of a − b that remains: a dimension exceeds a negative constant.
        if (difference.IsPositive) return Holds(1);
        return (b - a).IsPositive ? Holds(-1) : null;
    }

    /// <summary>The truth of the comparison given the sign of a − b.</summary>
    protected abstract bool Holds(int sign);
}

/// <summary><c>a = b</c>; −0 equals 0. Also for strings and truth values.</summary>
public sealed record Equal : Comparison
{
    /// <inheritdoc/>
    protected override bool Takes(ElementType type) => type.Kind() != ElementKind.Complex;

    /// <inheritdoc/>
    protected override string Taken => "of any type but complex";

    /// <inheritdoc/>
    protected override bool Holds(int sign) => sign == 0;
}

/// <summary><c>a &lt; b</c>.</summary>
public sealed record Less : Comparison
{
    /// <inheritdoc/>
    protected override bool Holds(int sign) => sign < 0;
}

/// <summary><c>a ≤ b</c>.</summary>
public sealed record LessOrEqual : Comparison
{
    /// <inheritdoc/>
    protected override bool Holds(int sign) => sign <= 0;
}

/// <summary><c>a &gt; b</c>.</summary>
public sealed record Greater : Comparison
{
    /// <inheritdoc/>
    protected override bool Holds(int sign) => sign > 0;
}

/// <summary><c>a ≥ b</c>.</summary>
public sealed record GreaterOrEqual : Comparison
{
    /// <inheritdoc/>
    protected override bool Holds(int sign) => sign >= 0;
}

/// <summary>Tests each element of a floating-point tensor.</summary>
public abstract record FloatTest : Operator
{
    /// <inheritdoc/>
    public override bool IsElementwise => true;

    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        context.Output(0, ElementType.Bool, context.Input(0).Shape);
    }
}

/// <summary>True where an element is NaN.</summary>
public sealed record IsNaN : FloatTest;

/// <summary>True where an element is infinite.</summary>
public sealed record IsInf : FloatTest
{
    /// <summary>False to let −∞ pass as finite.</summary>
    public bool DetectNegative { get; init; } = true;

    /// <summary>False to let +∞ pass as finite.</summary>
    public bool DetectPositive { get; init; } = true;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        DetectNegative = walker.Flag("detect_negative", DetectNegative),
        DetectPositive = walker.Flag("detect_positive", DetectPositive),
    };
}

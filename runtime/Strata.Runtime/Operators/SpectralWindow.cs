using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>A window function of a length (i32 or i64 scalar), as a vector.</summary>
public abstract record SpectralWindow : Operator
{
    /// <summary>The element type of the result: numeric.</summary>
    public ElementType? OutputDatatype { get; init; } = ElementType.Float32;

    /// <summary>True for a window whose period is the length, false for a symmetric one.</summary>
    public bool Periodic { get; init; } = true;

    /// <summary>Weights of the cosines of 0, 1 and 2 turns per period.</summary>
    public abstract (double Constant, double First, double Second) Coefficients { get; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        OutputDatatype = walker.Type("output_datatype", OutputDatatype),
        Periodic = walker.Flag("periodic", Periodic),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "i32 or i64", Stft.IsIndex);
        var type = NumericType(context, OutputDatatype);
        Dim length = context.Contents(0) is [var dim] ? dim : context.Fresh();
        if (length.Constant < 0) throw context.Fail($"the length cannot be {length}");
        context.Output(0, type, [length]);
    }

    /// <summary>Refuses an output type that is not a number.</summary>
    internal static ElementType NumericType(InferenceContext context, ElementType? type) => type is { } known && (known.IsFloat() || known.IsInteger())
        ? known
        : throw context.Fail($"output_datatype must be numeric, is {type?.Name() ?? "undefined"}");
}

/// <summary><c>½ − ½ cos</c>.</summary>
public sealed record HannWindow : SpectralWindow
{
    /// <inheritdoc/>
    public override (double Constant, double First, double Second) Coefficients => (0.5, -0.5, 0);
}

/// <summary><c>25/46 − 21/46 cos</c>.</summary>
public sealed record HammingWindow : SpectralWindow
{
    /// <inheritdoc/>
    public override (double Constant, double First, double Second) Coefficients => (25.0 / 46, -21.0 / 46, 0);
}

/// <summary><c>0.42 − ½ cos + 0.08 cos of the double angle</c>.</summary>
public sealed record BlackmanWindow : SpectralWindow
{
    /// <inheritdoc/>
    public override (double Constant, double First, double Second) Coefficients => (0.42, -0.5, 0.08);
}

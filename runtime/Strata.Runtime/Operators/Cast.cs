using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>How a conversion to f8e8m0 rounds between powers of two.</summary>
public enum PowerRounding
{
    /// <summary>To the next greater power.</summary>
    Up,
    /// <summary>To the next smaller power.</summary>
    Down,
    /// <summary>To the nearer power, halfway up.</summary>
    Nearest,
}

/// <summary>
/// Converts elements to another type. Floats round to nearest even, integers keep their low bits, floats become integers by
/// truncation, anything but zero is true; strings are read and written as decimal numbers.
/// </summary>
public sealed record Cast : Operator
{
    private static readonly ImmutableArray<string> RoundModeNames = ["up", "down", "nearest"];

    /// <inheritdoc/>
    public override bool IsElementwise => true;

    /// <summary>The type of the result; required, not complex.</summary>
    public ElementType? To { get; init; }

    /// <summary>True to bound 8-bit floats by their largest finite value; false to give infinity or NaN beyond.</summary>
    public bool Saturate { get; init; } = true;

    /// <summary>Rounding of a conversion to f8e8m0.</summary>
    public PowerRounding RoundMode { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        To = walker.Type("to", To),
        Saturate = walker.Flag("saturate", Saturate),
        RoundMode = (PowerRounding)walker.Choice("round_mode", (int)RoundMode, RoundModeNames),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "of any type but complex", static t => t.Kind() != ElementKind.Complex);
        if (To is not { } to) throw context.Fail("attribute to is missing");
        if (to.Kind() == ElementKind.Complex) throw context.Fail($"cannot cast to {to.Name()}; any type but complex is allowed");
        var x = context.Input(0);
        context.Output(0, to, x.Shape);
        if (KeepsDims(x.ElementType) && KeepsDims(to)) context.OutputContents(0, context.Contents(0));
    }

    private static bool KeepsDims(ElementType type) => type is ElementType.Int32 or ElementType.Int64;
}

/// <summary>Reads the bits of each element as another type of the same width.</summary>
public sealed record BitCast : Operator
{
    /// <summary>The type of the result; required, not a string.</summary>
    public ElementType? To { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { To = walker.Type("to", To) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "of any type but string", static t => t != ElementType.String);
        if (To is not { } to) throw context.Fail("attribute to is missing");
        var x = context.Input(0);
        if (to.Bits() != x.ElementType.Bits()) throw context.Fail($"{x.ElementType.Name()} has {x.ElementType.Bits()} bits, {to.Name()} has {to.Bits()}; the widths must agree");
        context.Output(0, to, x.Shape);
    }
}

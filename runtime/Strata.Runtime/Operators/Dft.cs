using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Discrete Fourier transform along one axis. Operands: x <c>[…, 1 (real) or 2 (real, imaginary)]</c>, optional length (scalar;
/// x is cut or padded with zeros to it), optional axis (i64 scalar, −2 when omitted). The result has 2 as its last extent,
/// except that a one-sided inverse gives a real signal.
/// </summary>
public sealed record Dft : Operator
{
    /// <summary>True for the inverse, which also divides by the length.</summary>
    public bool Inverse { get; init; }

    /// <summary>True to give (forward) or take (inverse) only the first ⌊length/2⌋ + 1 bins of a real signal's spectrum.</summary>
    public bool Onesided { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Inverse = walker.Flag("inverse", Inverse), Onesided = walker.Flag("onesided", Onesided) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 3);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        for (int i = 1; i < 3; i++)
        {
            if (context.Has(i)) context.Allow(i, "i32 or i64", Stft.IsIndex);
        }
        var x = context.Input(0);
        if (x.Shape is not { } shape)
        {
            context.Output(0, x.ElementType, null);
            return;
        }
        int last = shape.Rank - 1;
        if (last < 1) throw context.Fail($"the input needs a signal axis and a last axis of 1 or 2, has shape {shape}");
        if (shape[last].Constant is not (null or 1 or 2)) throw context.Fail($"the last axis must be 1 (real) or 2 (complex), is {shape[last]}");
        if (Onesided && shape[last].Is(Inverse ? 1 : 2)) throw context.Fail(Inverse ? "a one-sided inverse takes a complex spectrum" : "a complex signal has no one-sided transform; set onesided to 0");
        long? given = context.Has(2) ? context.ConstantInts(2) is [var value] ? value : null : -2;
        if (given is null)
        {
            context.Output(0, x.ElementType, context.FreshShape(shape.Rank).With(last, Onesided && Inverse ? 1 : 2));
            return;
        }
        int axis = context.Axis(given.Value, shape.Rank);
        if (axis == last) throw context.Fail("the last axis holds real and imaginary part; it cannot be transformed");
        Dim length = context.Has(1) ? context.Contents(1) is [var dim] ? dim : context.Fresh() : Onesided && Inverse ? (shape[axis] - 1) * 2 : shape[axis];
        if (length.Constant < 1 && !shape[axis].Is(0)) throw context.Fail($"the length must be positive, is {length}");
        context.Output(0, x.ElementType, shape.With(axis, Onesided && !Inverse ? Dim.FloorDiv(length, 2) + 1 : length).With(last, Onesided && Inverse ? 1 : 2));
    }
}

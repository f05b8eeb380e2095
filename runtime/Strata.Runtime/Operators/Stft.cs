using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Short-time Fourier transform. Operands: signal <c>[N, length, 1 (real) or 2 (complex)]</c> (or <c>[N, length]</c>, real), frame step (scalar),
/// optional window <c>[frame]</c>, optional frame length (scalar). Result <c>[N, frames, bins, 2]</c>.
/// </summary>
public sealed record Stft : Operator
{
    /// <summary>True to keep only bins up to half the frame length.</summary>
    public bool Onesided { get; init; } = true;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Onesided = walker.Flag("onesided", Onesided) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 4);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        var signal = context.Input(0);
        context.Allow(1, "i32 or i64", IsIndex);
        if (context.Has(2)) context.Allow(2, signal.ElementType.Name(), t => t == signal.ElementType);
        if (context.Has(3)) context.Allow(3, "i32 or i64", IsIndex);
        if (signal.Rank is not (null or 2 or 3)) throw context.Fail($"the signal needs shape [batch, length, 1 or 2], has {signal.Shape}");
        if (Onesided && signal.Rank == 3 && signal.Shape![2].Is(2)) throw context.Fail("a complex signal has no one-sided transform; set onesided to 0");

        Dim frame = context.Contents(3) is [var length] ? length : context.Has(2) && context.Input(2).Shape is { Rank: 1 } window ? window[0]
            : context.Has(2) || context.Has(3) || signal.Shape is null ? context.Fresh() : signal.Shape[1];
        long? step = context.ConstantInts(1) is [var value] ? value : null;
        if (step < 1) throw context.Fail($"the frame step must be positive, is {step}");
        Dim frames = step is null || signal.Shape is null ? context.Fresh() : Dim.FloorDiv(signal.Shape[1] - frame, step.Value) + 1;
        if (frames.Constant < 0) throw context.Fail($"a frame of {frame} does not fit a signal of {signal.Shape![1]}");
        context.Output(0, signal.ElementType, [signal.Shape?[0] ?? context.Fresh(), frames, Onesided ? Dim.FloorDiv(frame, 2) + 1 : frame, 2]);
    }

    internal static bool IsIndex(ElementType type) => type is ElementType.Int32 or ElementType.Int64;
}

using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Triangular filters that turn a spectrum into mel bands, as <c>[⌊length/2⌋ + 1, bands]</c>. Operands, all scalars: number of
/// bands, transform length, sample rate (i32 or i64), lowest and highest frequency in hertz (floating point).
/// </summary>
public sealed record MelWeightMatrix : Operator
{
    /// <summary>The element type of the result: numeric.</summary>
    public ElementType? OutputDatatype { get; init; } = ElementType.Float32;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { OutputDatatype = walker.Type("output_datatype", OutputDatatype) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(5, 5);
        for (int i = 0; i < 5; i++)
        {
            if (i < 3) context.Allow(i, "i32 or i64", Stft.IsIndex);
            else context.Allow(i, "floating point", ElementTypes.IsFloat);
        }
        Dim bands = context.Contents(0) is [var count] ? count : context.Fresh();
        Dim bins = context.Contents(1) is [var length] ? Dim.FloorDiv(length, 2) + 1 : context.Fresh();
        if (bands.Constant < 0 || bins.Constant < 1) throw context.Fail($"a matrix of {bins} bins and {bands} bands is not possible");
        context.Output(0, SpectralWindow.NumericType(context, OutputDatatype), [bins, bands]);
    }
}

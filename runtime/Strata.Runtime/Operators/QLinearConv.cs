using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Quantised convolution. Operands: x, its scale and zero point; w, its scale and zero point (scalar or one per output
/// channel); the output's scale and zero point; an optional i32 bias in steps of x scale · w scale. Sums are exact i32;
/// the result is sum · (x scale · w scale / y scale) in binary32, rounded half to even, plus the zero point, saturated.
/// </summary>
public sealed record QLinearConv : Operator
{
    /// <summary>Window geometry.</summary>
    public WindowAttributes Window { get; init; } = new();

    /// <summary>Number of channel groups.</summary>
    public long Group { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Window = Window.Walk(walker), Group = walker.Int("group", Group) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(8, 9);
        context.Allow(0, "i8 or u8", ConvInteger.IsCode);
        context.Allow(3, "i8 or u8", ConvInteger.IsCode);
        context.Allow(7, "i8 or u8", ConvInteger.IsCode);
        ConvInteger.ZeroPoint(context, 2, like: 0);
        ConvInteger.ZeroPoint(context, 5, like: 3);
        foreach (int scale in (ReadOnlySpan<int>)[1, 4, 6]) context.Allow(scale, "f32", static t => t == ElementType.Float32);
        if (context.Has(8)) context.Allow(8, "i32", static t => t == ElementType.Int32);
        context.Output(0, context.Input(7).ElementType, Conv.OutputShape(context, context.Input(0).Shape, context.Input(3).Shape, Window, Group));
    }
}

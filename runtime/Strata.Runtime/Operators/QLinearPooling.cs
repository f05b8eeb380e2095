using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Pooling of 8-bit codes. Operands: x, its scale and optional zero point, the output's scale and optional zero point, all
/// per tensor. The channels of x are its second or its last axis.
/// </summary>
public abstract record QLinearPooling : Operator
{
    /// <summary>True when channels are the last axis.</summary>
    public bool ChannelsLast { get; init; }

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(4, 5);
        context.Allow(0, "i8 or u8", ConvInteger.IsCode);
        foreach (int scale in (ReadOnlySpan<int>)[1, 3]) context.Allow(scale, "f32", static t => t == ElementType.Float32);
        foreach (int zeroPoint in (ReadOnlySpan<int>)[2, 4])
        {
            if (context.Has(zeroPoint)) ConvInteger.ZeroPoint(context, zeroPoint, like: 0);
        }
        var x = context.Input(0);
        if (x.Rank < 3) throw context.Fail($"the input needs rank 3 or more, has {x.Rank}");
        var result = OutputShape(context, x.Shape is null ? null : ChannelsLast ? ToFirst(x.Shape) : x.Shape);
        context.Output(0, x.ElementType, ChannelsLast && result is not null ? ToLast(result) : result);
    }

    /// <summary>The output shape for a shape <c>[N, C, spatial…]</c>.</summary>
    protected abstract Shape? OutputShape(InferenceContext context, Shape? x);

    private static Shape ToFirst(Shape shape) => Shape.Create([shape[0], shape.Dims[^1], .. shape.Dims[1..^1]]);

    private static Shape ToLast(Shape shape) => Shape.Create([shape[0], .. shape.Dims[2..], shape[1]]);
}

/// <summary>The mean over each window of quantised codes, in binary32, requantised half to even.</summary>
public sealed record QLinearAveragePool : QLinearPooling
{
    /// <summary>Window geometry; the kernel shape is required.</summary>
    public WindowAttributes Window { get; init; } = new();

    /// <summary>True when a last window that reaches beyond the padded input counts.</summary>
    public bool CeilMode { get; init; }

    /// <summary>True when padding counts as zeros; otherwise the mean is over real elements only.</summary>
    public bool CountIncludePad { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Window = Window.Walk(walker),
        CeilMode = walker.Flag("ceil_mode", CeilMode),
        CountIncludePad = walker.Flag("count_include_pad", CountIncludePad),
        ChannelsLast = walker.Flag("channels_last", ChannelsLast),
    };

    /// <inheritdoc/>
    protected override Shape? OutputShape(InferenceContext context, Shape? x) => Pooling.OutputShape(context, x, Window, CeilMode);
}

/// <summary>The mean of each channel of quantised codes: an exact integer sum, scaled in binary32, rounded half to even.</summary>
public sealed record QLinearGlobalAveragePool : QLinearPooling
{
    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { ChannelsLast = walker.Flag("channels_last", ChannelsLast) };

    /// <inheritdoc/>
    protected override Shape? OutputShape(InferenceContext context, Shape? x) => GlobalPooling.OutputShape(context, x);
}

using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Convolution whose window elements are displaced. Operands: x <c>[N, C, spatial…]</c>; w <c>[M, C/group, kernel…]</c>; offsets
/// <c>[N, offset groups · kernel elements · r, out…]</c> for r spatial axes; an optional bias <c>[M]</c>; an optional mask
/// <c>[N, offset groups · kernel elements, out…]</c> of factors. Values between elements are interpolated linearly, zero outside.
/// </summary>
public sealed record DeformConv : Operator
{
    /// <summary>Window geometry; padding is explicit.</summary>
    public WindowAttributes Window { get; init; } = new();

    /// <summary>Number of channel groups.</summary>
    public long Group { get; init; } = 1;

    /// <summary>Number of groups of input channels that share offsets.</summary>
    public long OffsetGroup { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Window = Window with
        {
            Dilations = walker.Ints("dilations", Window.Dilations),
            KernelShape = walker.Ints("kernel_shape", Window.KernelShape),
            Pads = walker.Ints("pads", Window.Pads),
            Strides = walker.Ints("strides", Window.Strides),
        },
        Group = walker.Int("group", Group),
        OffsetGroup = walker.Int("offset_group", OffsetGroup),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 5);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        var x = context.Input(0);
        for (int i = 1; i < context.InputCount; i++)
        {
            if (context.Has(i)) context.Allow(i, x.ElementType.Name(), t => t == x.ElementType);
        }
        if (OffsetGroup < 1) throw context.Fail($"offset_group must be positive, is {OffsetGroup}");
        context.Output(0, x.ElementType, Conv.OutputShape(context, x.Shape, context.Input(1).Shape, Window, Group));
        if (x.Shape?[1].Constant is { } channels && channels % OffsetGroup != 0) throw context.Fail($"offset_group must divide input channels; offset_group is {OffsetGroup}, channels {channels}");
    }
}

using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Convolution of 8-bit codes into i32: x <c>[N, C, spatial…]</c>, w <c>[M, C/group, kernel…]</c>, and the zero points of x
/// (scalar) and w (scalar or <c>[M]</c>), which are subtracted first. Padding stands for x's zero point.
/// </summary>
public sealed record ConvInteger : Operator
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
        context.InputsBetween(2, 4);
        for (int i = 0; i < 2; i++)
        {
            context.Allow(i, "i8 or u8", IsCode);
            if (context.Has(i + 2)) ZeroPoint(context, i + 2, like: i);
        }
        context.Output(0, ElementType.Int32, Conv.OutputShape(context, context.Input(0).Shape, context.Input(1).Shape, Window, Group));
    }

    internal static bool IsCode(ElementType type) => type is ElementType.Int8 or ElementType.UInt8;

    /// <summary>Demands that a zero point has the type of its codes.</summary>
    internal static void ZeroPoint(InferenceContext context, int index, int like) =>
        context.Allow(index, $"{context.Input(like).ElementType.Name()}, as input {like}", type => type == context.Input(like).ElementType);
}

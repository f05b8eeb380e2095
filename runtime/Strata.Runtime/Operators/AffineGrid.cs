using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Sampling coordinates of an affine map. Operands: theta <c>[N, r, r + 1]</c> for r = 2 or 3 spatial axes, and the size
/// <c>[N, C, spatial…]</c> (i64 vector). Result <c>[N, spatial…, r]</c>, last axis x, y(, z), in [−1, 1].
/// </summary>
public sealed record AffineGrid : Operator
{
    /// <summary>True when −1 and 1 are the centres of the outermost elements, false when their outer edges.</summary>
    public bool AlignCorners { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { AlignCorners = walker.Flag("align_corners", AlignCorners) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        context.Allow(1, "i64", static t => t == ElementType.Int64);
        var theta = context.Input(0);
        if (theta.Rank is not (null or 3)) throw context.Fail($"theta needs shape [N, 2, 3] or [N, 3, 4], has {theta.Shape}");
        Shape? result = null;
        if (context.Contents(1) is { } size)
        {
            if (size.Length is not (4 or 5)) throw context.Fail($"the size needs 4 or 5 values, has {size.Length}");
            if (theta.Shape is not null) context.Same(theta.Shape[1], size.Length - 2, "theta needs one row per spatial axis");
            result = Shape.Create([size[0], .. size[2..], size.Length - 2]);
        }
        else if (theta.Shape?[1].Constant is 2 or 3)
        {
            int axes = (int)theta.Shape[1].Constant!.Value;
            result = context.FreshShape(axes + 2).With(0, theta.Shape[0]).With(axes + 1, axes);
        }
        context.Output(0, theta.ElementType, result);
    }
}

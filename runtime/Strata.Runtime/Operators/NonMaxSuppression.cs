using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Keeps the best of overlapping boxes. Operands: boxes <c>[N, B, 4]</c>, scores <c>[N, classes, B]</c> (f32), and optional scalars: most
/// boxes per class (i64, 0 when omitted), overlap above which a box is dropped (0 when omitted), score a box must exceed.
/// Result i64 <c>[kept, 3]</c>: sample, class, box.
/// </summary>
public sealed record NonMaxSuppression : Operator
{
    /// <summary>True for boxes as centre x, centre y, width, height; false for two opposite corners y1, x1, y2, x2.</summary>
    public bool CenterPointBox { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { CenterPointBox = walker.Flag("center_point_box", CenterPointBox) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 5);
        for (int i = 0; i < context.InputCount; i++)
        {
            if (!context.Has(i)) continue;
            if (i == 2) context.Allow(i, "i64", static t => t == ElementType.Int64);
            else context.Allow(i, "f32", static t => t == ElementType.Float32);
        }
        if (context.Input(0).Shape is { } boxes)
        {
            if (boxes.Rank != 3) throw context.Fail($"boxes need shape [N, B, 4], have {boxes}");
            context.Same(boxes[2], 4, "a box needs 4 values");
            if (context.Input(1).Shape is { } scores)
            {
                if (scores.Rank != 3) throw context.Fail($"scores need shape [N, classes, B], have {scores}");
                context.Same(boxes[0], scores[0], "boxes and scores need one batch size");
                context.Same(boxes[1], scores[2], "each box needs a score");
            }
        }
        context.Output(0, ElementType.Int64, [context.Fresh(), 3]);
    }
}

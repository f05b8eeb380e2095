using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="NonMaxSuppression"/> in binary32, in which its thresholds are given.</summary>
internal static class NonMaxSuppressionReference
{
    private readonly record struct Box(float Left, float Top, float Right, float Bottom)
    {
        public float Area => (Right - Left) * (Bottom - Top);
    }

    public static Tensor Evaluate(NonMaxSuppression op, ReferenceContext context)
    {
        Tensor boxes = context[0], scores = context[1];
        if (boxes.Rank != 3 || boxes.Dims[2] != 4 || scores.Rank != 3 || scores.Dims[0] != boxes.Dims[0] || scores.Dims[2] != boxes.Dims[1])
            throw ReferenceContext.Fail($"boxes {boxes} and scores {scores} need shapes [N, B, 4] and [N, classes, B]");
        long most = context.Tensor(2) is { Count: > 0 } limit ? limit.ToInt64s()[0] : 0;
        float overlap = context.Tensor(3) is { Count: > 0 } threshold ? threshold.Span<float>()[0] : 0;
        float? least = context.Tensor(4) is { Count: > 0 } given ? given.Span<float>()[0] : null;

        int count = boxes.Dims[1], classes = scores.Dims[1];
        float[] corners = boxes.Span<float>().ToArray(), values = scores.Span<float>().ToArray();
        var kept = new List<long>();
        for (int n = 0; n < boxes.Dims[0]; n++)
        {
            Box[] all = [.. Enumerable.Range(0, count).Select(b => Read(corners.AsSpan((n * count + b) * 4, 4), op.CenterPointBox))];
            for (int c = 0; c < classes; c++)
            {
                var score = new ArraySegment<float>(values, (n * classes + c) * count, count);
                var chosen = new List<int>();
                // A stable sort: of equal scores the first box wins.
                foreach (int b in Enumerable.Range(0, count).Where(b => least is null || score[b] > least).OrderByDescending(b => score[b]))
                {
                    context.Observe();
                    if (chosen.Count >= most) break;
                    if (!chosen.Any(other => Overlap(all[b], all[other]) > overlap)) chosen.Add(b);
                }
                foreach (int b in chosen) kept.AddRange([n, c, b]);
            }
        }
        return Tensor.FromInt64s(ElementType.Int64, [kept.Count / 3, 3], [.. kept]);
    }

    private static Box Read(ReadOnlySpan<float> box, bool center) => center
        ? new(box[0] - box[2] / 2, box[1] - box[3] / 2, box[0] + box[2] / 2, box[1] + box[3] / 2)
        : new(Math.Min(box[1], box[3]), Math.Min(box[0], box[2]), Math.Max(box[1], box[3]), Math.Max(box[0], box[2]));

    // Intersection over union; 0 for boxes without area.
    private static float Overlap(Box a, Box b)
    {
        float width = Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left), height = Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top);
        if (!(width > 0 && height > 0) || a.Area <= 0 || b.Area <= 0) return 0;
        float shared = width * height, union = a.Area + b.Area - shared;
        return union > 0 ? shared / union : 0;
    }
}

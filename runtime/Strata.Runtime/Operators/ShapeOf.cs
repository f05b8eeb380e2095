using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>The dimensions of a tensor, or a slice [start, end) of them, as a rank-1 i64 tensor (ONNX <c>Shape</c>).</summary>
public sealed record ShapeOf : Operator
{
    /// <summary>First dimension; negative counts from the end; clamped to the rank.</summary>
    public long Start { get; init; }

    /// <summary>One past the last dimension; null for all.</summary>
    public long? End { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Start = walker.Int("start", Start), End = walker.OptionalInt("end", End) };

    /// <summary>The slice of dimensions for a rank.</summary>
    public (int Start, int End) Range(int rank)
    {
        int start = Clamp(Start, rank);
        return (start, Math.Max(start, Clamp(End ?? rank, rank)));
    }

    private static int Clamp(long index, int rank) => (int)Math.Clamp(index < 0 ? index + rank : index, 0, rank);

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        if (context.Input(0).Shape is not { } shape)
        {
            context.Output(0, ElementType.Int64, [context.Fresh()]);
            return;
        }
        var (start, end) = Range(shape.Rank);
        context.Output(0, ElementType.Int64, [end - start]);
        context.OutputContents(0, shape.Dims[start..end]);
    }
}

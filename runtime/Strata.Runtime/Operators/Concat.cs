using System.Collections.Immutable;
using Strata.Networks;

namespace Strata.Operators;

/// <summary>Joins tensors of one type along an axis; the other dimensions agree.</summary>
public sealed record Concat : Operator
{
    /// <summary>The axis, in [−rank, rank).</summary>
    public long Axis { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Axis = walker.Int("axis", Axis) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, int.MaxValue);
        var type = context.Input(0).ElementType;
        Shape? shape = null;
        bool known = true;
        ImmutableArray<Dim>? contents = [];
        for (int i = 0; i < context.InputCount; i++)
        {
            var input = context.Input(i);
            if (input.ElementType != type) throw context.Fail($"input {i} is {input.ElementType}, input 0 is {type}");
            if (input.Shape is null) known = false;
            else shape = shape is null ? input.Shape : Join(context, shape, input.Shape, i);
            contents = contents is { } left && context.Contents(i) is { } right ? left.AddRange(right) : null;
        }
        context.Output(0, type, known ? shape : null);
        if (shape?.Rank == 1) context.OutputContents(0, contents);
    }

    private Shape Join(InferenceContext context, Shape left, Shape right, int index)
    {
        if (left.Rank != right.Rank) throw context.Fail($"input {index} has rank {right.Rank}, others {left.Rank}");
        int axis = context.Axis(Axis, left.Rank);
        for (int d = 0; d < left.Rank; d++)
        {
            left = left.With(d, d == axis ? left[d] + right[d] : context.Same(left[d], right[d], $"concat needs equal dimension {d}"));
        }
        return left;
    }
}

using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>A value that consists of elements <c>Begin + i · Step</c>, i from 0 to Count − 1, of the last axis of another.</summary>
/// <param name="Whole">The other value.</param>
/// <param name="Begin">The first element.</param>
/// <param name="Step">The distance of elements: 1 or more.</param>
/// <param name="Count">The number of elements.</param>
/// <param name="Path">The layers that take them.</param>
internal sealed record Lanes(Value Whole, long Begin, long Step, long Count, ImmutableArray<Layer> Path)
{
    private const int MostDepth = 4;

    /// <summary>All values that a value consists of elements of, the value itself first; none where its last extent is not known.</summary>
    public static IReadOnlyList<Lanes> Chain(Value value)
    {
        if (Width(value) is not { } count) return [];
        var chain = new List<Lanes> { new(value, 0, 1, count, []) };
        while (chain.Count <= MostDepth && Taken(chain[^1].Whole) is { } outer)
        {
            var inner = chain[^1];
            chain.Add(new(outer.Whole, outer.Begin + inner.Begin * outer.Step, inner.Step * outer.Step, count, inner.Path.AddRange(outer.Path)));
        }
        return chain;
    }

    /// <summary>The elements of a certain value that a value consists of, or null.</summary>
    public static Lanes? Of(Value value, Value whole) => Chain(value).FirstOrDefault(l => l.Whole == whole);

    /// <summary>The last extent of a value of rank 1 or more, where it is known; else null.</summary>
    public static long? Width(Value value) => value.Type is TensorType { Shape: { Rank: > 0 } shape } ? shape[shape.Rank - 1].Constant : null;

    private static Lanes? Taken(Value value)
    {
        if (value.Producer is not { } layer || layer.Inputs is not [{ } whole, ..] || Width(value) is not { } count) return null;
        if (Piece.Of(value) is { } piece) return piece.Axis == value.TensorType.Rank - 1 && piece.Begin.Constant is { } begin ? new(whole, begin, 1, count, [layer]) : null;
        return layer.Operator is Slice && Strided(layer) is var (start, step) ? new(whole, start, step, count, [layer]) : Selected(value, layer, count);
    }

    // A Slice along the last axis in larger steps, from a start within it.
    private static (long Start, long Step)? Strided(Layer layer)
    {
        if (Match.Ints(layer.Inputs[1]) is not [>= 0 and var start] || layer.Inputs is not [{ } whole, _, _, { } axes, { } steps] || Match.Ints(axes) is not [var axis] || Match.Ints(steps) is not [> 0 and var step]) return null;
        return Width(whole) > start && Piece.Normal(axis, whole.TensorType.Rank!.Value) == whole.TensorType.Rank - 1 ? (start, step) : null;
    }

    // One index along one of the two last dimensions that a reshape splits the last into: by Gather, or by what keeps the dimension, which then goes.
    private static Lanes? Selected(Value value, Layer layer, long count)
    {
        int axis;
        long index;
        ImmutableArray<Layer> path = [layer];
        var split = layer.Inputs[0]!;
        if (layer.Operator is Gather gather && layer.Inputs[1]!.TensorType.Rank == 0 && Match.Scalar(layer.Inputs[1]) is { } scalar && split.TensorType.Rank is { } rank)
            (axis, index) = (Piece.Normal(gather.Axis, rank), (long)scalar);
        else if (layer.Operator is Squeeze or Reshape && Piece.Of(split) is { Begin.Constant: { } begin } piece && split.TensorType.Shape!.Dims.RemoveAt(piece.Axis).SequenceEqual(value.TensorType.Shape!) && split.TensorType.Shape[piece.Axis].Is(1))
            (axis, index, split, path) = (piece.Axis, begin, piece.Whole, [layer, split.Producer!]);
        else return null;
        if (split.Producer is not { Operator: Reshape, Inputs: [{ TensorType.Shape: { } shape } whole, ..] } reshape || split.TensorType.Shape is not { } parts || parts.Rank != shape.Rank + 1 || Width(whole) is not { } width) return null;
        if (!parts.SkipLast(2).SequenceEqual(shape.SkipLast(1)) || parts[axis].Constant is not { } picks || picks * count != width || axis < parts.Rank - 2) return null;
        if (index < 0) index += picks;
        return axis == parts.Rank - 1 ? new(whole, index, picks, count, path.Add(reshape)) : new(whole, index * count, 1, count, path.Add(reshape));
    }
}

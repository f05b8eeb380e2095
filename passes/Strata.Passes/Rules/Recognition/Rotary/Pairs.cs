using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// A value whose last axis holds two others: side by side by one Concat, perhaps with a third behind, or element by element
/// by a Concat along a new axis that a Reshape folds in.
/// </summary>
/// <param name="First">The first elements of all pairs.</param>
/// <param name="Second">The second elements.</param>
/// <param name="Rest">What follows unpaired, or null.</param>
/// <param name="Interleaved">True when the elements of a pair are neighbours.</param>
/// <param name="Path">The layers that join them.</param>
internal sealed record Pairs(Value First, Value Second, Value? Rest, bool Interleaved, ImmutableArray<Layer> Path)
{
    /// <summary>A value seen so, or null.</summary>
    public static Pairs? Of(Value value)
    {
        if (value.Producer is not { } layer || value.TensorType.Rank is not (> 0 and { } rank)) return null;
        if (IsConcat(layer, rank - 1)) return layer.Inputs is [{ } a, { } b] ? Even(new(a, b, null, false, [layer])) : layer.Inputs is [{ } c, { } d, { } rest] ? Even(new(c, d, rest, false, [layer])) : null;
        if (layer.Operator is not Reshape || layer.Inputs[0]!.Producer is not { Inputs: [{ } first, { } second] } concat || layer.Inputs[0]!.TensorType.Shape is not { } parts || parts.Rank != rank + 1) return null;
        int axis = IsConcat(concat, rank) ? rank : IsConcat(concat, rank - 1) ? rank - 1 : -1;
        if (axis < 0 || Bare(first, axis) is not var (u, open) || Bare(second, axis) is not var (v, close)) return null;
        var shape = value.TensorType.Shape!;
        if (!parts.SkipLast(2).SequenceEqual(shape.SkipLast(1)) || !(parts[rank - 1] * parts[rank]).Equals(shape[rank - 1])) return null;
        return Even(new(u, v, null, axis == rank, [layer, concat, open, close]));
    }

    private static Pairs? Even(Pairs pairs) => Lanes.Width(pairs.First) is { } width && width == Lanes.Width(pairs.Second) ? pairs : null;

    private static bool IsConcat(Layer layer, int axis) => layer.Operator is Concat concat && layer.Outputs[0]!.TensorType.Rank is { } rank && Piece.Normal(concat.Axis, rank) == axis;

    // What gained a dimension of 1 at an axis.
    private static (Value Value, Layer Layer)? Bare(Value value, int axis)
    {
        if (value.Producer is not { Operator: Unsqueeze or Reshape, Inputs: [{ TensorType.Shape: { } before } operand, ..] } layer || value.TensorType.Shape is not { } shape) return null;
        return shape.Rank == before.Rank + 1 && shape[axis].Is(1) && shape.Dims.RemoveAt(axis).SequenceEqual(before) ? (operand, layer) : null;
    }
}

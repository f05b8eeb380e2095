using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// A matrix <c>[B, n]</c>, also as <c>[1, B, n]</c>: a value, or one step of a sequence of rank 3 along its first or second axis.
/// </summary>
/// <param name="Value">The value, or the sequence.</param>
/// <param name="Axis">The axis of steps; −1 for a value that is no step.</param>
/// <param name="Index">The number of the step.</param>
internal readonly record struct Atom(Value Value, int Axis, long Index)
{
    /// <summary>True for one step of a sequence.</summary>
    public bool IsStep => Axis >= 0;

    /// <summary>A value seen so.</summary>
    public static Atom Of(Value value)
    {
        if (value.Producer is not { } layer || layer.Inputs is not [{ Type: TensorType { Shape: { Rank: 3 } shape } } operand, ..] || IsMatrix(value) is false) return new(value, -1, 0);
        if (value.TensorType.Rank == 3) return Piece.Of(value) is { Axis: 0, Begin.Constant: { } start } && !shape[0].Is(1) ? At(operand, 0, start) : new(value, -1, 0);
        if (layer.Operator is Gather gather && Piece.Normal(gather.Axis, 3) is < 2 and var along && layer.Inputs[1]!.TensorType.Rank == 0 && Match.Scalar(layer.Inputs[1]) is { } index && shape[along].Constant is { } extent)
            return At(operand, along, (long)(index < 0 ? index + extent : index));
        bool isStep = layer.Operator is Squeeze or Reshape && Piece.Of(operand) is { Axis: < 2 } && shape[Piece.Of(operand)!.Axis].Is(1);
        return isStep && Piece.Of(operand) is { Begin.Constant: { } begin } piece && shape.Dims.RemoveAt(piece.Axis).SequenceEqual(value.TensorType.Shape!) ? At(piece.Whole, piece.Axis, begin) : new(value, -1, 0);
    }

    /// <summary>True for <c>[B, n]</c> and <c>[1, B, n]</c>.</summary>
    public static bool IsMatrix(Value value) => value.Type is TensorType { Shape: { Rank: 2 or 3 } shape } && (shape.Rank == 2 || shape[0].Is(1));

    /// <summary>The number of rows, B; null where the rank of a sequence is not known.</summary>
    public Dim? Rows => Value.TensorType.Shape is { } shape ? shape[IsStep ? 1 - Axis : shape.Rank - 2] : null;

    /// <summary>The number of steps of the sequence, where it is known.</summary>
    public long? Length => Value.TensorType.Shape?[Axis].Constant;

    // Behind a sequence that is another from its end.
    private static Atom At(Value sequence, int axis, long index)
    {
        if (sequence.Producer is not { Operator: Slice, Inputs: [{ TensorType.Shape: { Rank: 3 } shape } whole, { } from, { } to, { } axes, { } steps] } || Match.Ints(steps) is not [-1] || Match.Ints(axes) is not [var along]) return new(sequence, axis, index);
        if (Piece.Normal(along, 3) != axis || shape[axis].Constant is not { } length || Match.Ints(from) is not [var start] || Match.Ints(to) is not [var end]) return new(sequence, axis, index);
        bool isAll = (start == -1 || start >= length - 1) && end < -length;
        return isAll ? new(whole, axis, length - 1 - index) : new(sequence, axis, index);
    }
}

/// <summary>The inputs of consecutive steps as one sequence <c>[T, B, I]</c>.</summary>
/// <param name="Value">The sequence, in a patch.</param>
/// <param name="IsReversed">True when the first step is the last of it.</param>
internal sealed record Sequence(Value Value, bool IsReversed)
{
    /// <summary>The sequence that the inputs are all steps of, or one that they are joined to.</summary>
    public static Sequence Of(NetworkPatch patch, IReadOnlyList<Atom> inputs)
    {
        var first = inputs[0];
        if (first.IsStep && first.Length == inputs.Count && inputs.All(a => a.Value == first.Value && a.Axis == first.Axis))
        {
            bool forward = inputs.Index().All(static a => a.Item.Index == a.Index), backward = inputs.Index().All(a => a.Item.Index == inputs.Count - 1 - a.Index);
            var sequence = patch.Tap(first.Value);
            if (forward || backward) return new(first.Axis == 0 ? sequence : patch.Add(new Transpose { Perm = [1, 0, 2] }, sequence), !forward);
        }
        Value[] parts = [.. inputs.Select(a => Alone(patch, a))];
        return new(parts is [var only] ? only : patch.Add(new Concat(), parts), false);
    }

    // [1, B, I]
    private static Value Alone(NetworkPatch patch, Atom atom)
    {
        var value = patch.Tap(atom.Value);
        if (!atom.IsStep) return value.TensorType.Rank == 3 ? value : patch.Add(new Unsqueeze(), value, Ints(0));
        var step = patch.Add(new Slice(), value, Ints(atom.Index), Ints(atom.Index + 1), Ints(atom.Axis));
        return atom.Axis == 0 ? step : patch.Add(new Transpose { Perm = [1, 0, 2] }, step);

        Value Ints(long element) => patch.Constant(WeightBlock.Ints(element), "step");
    }
}

using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>A value that is what lies between two bounds of another along one axis: a Slice by constants, or an output of a Split.</summary>
/// <param name="Whole">The other value.</param>
/// <param name="Axis">The axis, from 0.</param>
/// <param name="Begin">The first index.</param>
/// <param name="End">The index after the last.</param>
internal sealed record Piece(Value Whole, int Axis, Dim Begin, Dim End)
{
    /// <summary>A value seen so, or null.</summary>
    public static Piece? Of(Value value)
    {
        if (value.Producer is not { } layer || layer.Inputs[0] is not { Type: TensorType { Shape: { } shape } } whole || value.TensorType.Shape is not { } own) return null;
        return layer.Operator switch
        {
            Split split => OfSplit(split, layer, value, shape, whole),
            Slice => OfSlice(layer, own, shape, whole),
            _ => null,
        };
    }

    /// <summary>Where the operands of a Concat begin and end in its result; null where an extent is not known as a canonical expression.</summary>
    public static IReadOnlyList<(Value Operand, Dim Begin, Dim End)>? OfConcat(Layer concat, int axis)
    {
        var parts = new List<(Value, Dim, Dim)>();
        var at = Dim.Zero;
        foreach (var operand in concat.Inputs)
        {
            if (operand!.TensorType.Shape is not { } shape) return null;
            parts.Add((operand, at, at + shape[axis]));
            at += shape[axis];
        }
        return parts;
    }

    /// <summary>An axis counted from 0.</summary>
    public static int Normal(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);

    private static Piece? OfSplit(Split split, Layer layer, Value value, Shape shape, Value whole)
    {
        int axis = Normal(split.Axis, shape.Rank);
        var begin = Dim.Zero;
        foreach (var output in layer.Outputs)
        {
            // The extent of an output that is omitted is not known here.
            if (output?.TensorType.Shape is not { } part) return null;
            if (ReferenceEquals(output, value)) return new(whole, axis, begin, begin + part[axis]);
            begin += part[axis];
        }
        return null;
    }

    private static Piece? OfSlice(Layer layer, Shape own, Shape shape, Value whole)
    {
        if (Match.Ints(layer.Inputs[1]) is not [var start] || Match.Ints(layer.Inputs[2]) is not [_]) return null;
        long? given = layer.Inputs.Length > 3 && layer.Inputs[3] is { } axes ? Match.Ints(axes) is [var only] ? only : null : 0;
        if (given is not { } chosen || layer.Inputs.Length > 4 && layer.Inputs[4] is { } steps && Match.Ints(steps) is not [1]) return null;
        int axis = Normal(chosen, shape.Rank);
        // A start beyond the extent is clamped.
        var begin = shape[axis].Constant is { } extent ? Dim.Of(Math.Clamp(start < 0 ? start + extent : start, 0, extent)) : start == 0 ? Dim.Zero : null;
        return begin is null ? null : new(whole, axis, begin, begin + own[axis]);
    }
}

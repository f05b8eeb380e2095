using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>
/// Layers that compute the same on transposed operands, their axes renamed. What a layer sees of a value is
/// <c>Transpose(v, p)</c>; here it is given v, and gives what its result would be the same Transpose of.
/// </summary>
internal static class Relayout
{
    // Operands of Resize from here on hold one number per axis: scales, then sizes.
    private const int FirstScales = 2;

    /// <summary>True where <see cref="Move"/> can express a layer, all of whose results have the rank of the permutation.</summary>
    public static bool CanMove(Layer layer, Permutation permutation)
    {
        int rank = permutation.Rank;
        if (layer.Inputs is not [{ } first, ..]) return false;
        // Codes are of one scale; who else sees them is for the region to say.
        if (layer.Operator is LinearQuantization) return HasOneScale(layer) && Has(first) && layer.Outputs is [{ } result] && Has(result);
        if (layer.Outputs.Any(o => o is not null && !IsPlain(o, rank))) return false;
        return layer.Operator switch
        {
            Resize => IsPlain(first, rank) && ResizedAxes(layer) is { } axes && Ascends(axes, permutation),
            Clip or Cast => IsPlain(first, rank),
            { IsElementwise: true } => layer.Inputs.All(i => i is { Type: TensorType type } && (i.Constant is null ? type.Rank == 0 || IsPlain(i, rank) : type.Rank <= rank && type.Quantization is null)),
            Concat => layer.Inputs.All(i => i!.Constant is null ? IsPlain(i, rank) : i.TensorType.Quantization is null),
            Split or Softmax or LogSoftmax => IsPlain(first, rank),
            Reduction { KeepDims: true } => IsPlain(first, rank) && KeepsOrder(layer, permutation),
            Slice => IsPlain(first, rank) && SliceAxes(layer) is not null,
            Pad => IsPlain(first, rank) && (layer.Inputs.Length < 4 || layer.Inputs[3] is null) && Match.Ints(layer.Inputs[1])?.Length == 2 * rank,
            _ => false,
        };

        bool Has(Value value) => value.Type is TensorType { Quantization: null or { Axis: null } } type && type.Rank == rank;
    }

    /// <summary>True for a quantisation or dequantisation by one scale.</summary>
    public static bool HasOneScale(Layer layer) => layer is { Operator: LinearQuantization { BlockSize: 0 }, Inputs: [_, { TensorType.Shape: { Rank: <= 1 } scale }, ..] } && scale.Count.Is(1);

    /// <summary>True for a reduction without whose dimensions the others stand in the same order before and after the Transpose: <see cref="Absorb"/> gives its very result.</summary>
    public static bool Absorbs(Layer layer, Permutation permutation) => layer is { Operator: Reduction { KeepDims: false, NoopWithEmptyAxes: false }, Outputs: [{ }] } && IsPlain(layer.Inputs[0]!, permutation.Rank)
        && KeepsOrder(layer, permutation) && Ascends(Enumerable.Range(0, permutation.Rank).Except(Match.Axes(layer)!), permutation);

    /// <summary>Adds an absorbing reduction of the moved operand to a patch.</summary>
    public static Value Absorb(NetworkPatch patch, Layer layer, Permutation permutation, Value operand)
    {
        var (output, axes) = (layer.Outputs[0]!, Match.Axes(layer)!);
        var moved = patch.Constant(Constant.Of(Tensor.Vector<long>([.. axes.Select(a => (long)permutation[a])])), $"{output.Name}.axes");
        return patch.Add(layer.Operator, [operand, moved], [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!;
    }

    /// <summary>The operands of a movable layer whose layout matters and that are computed.</summary>
    public static IEnumerable<Value> Laid(Layer layer, int rank) => (layer.Operator is { IsElementwise: true } or Concat ? layer.Inputs : layer.Inputs.Take(1))
        .OfType<Value>().Where(i => i.Constant is null && (i.TensorType.Rank == rank) && rank > 0);

    /// <summary>Adds a movable layer to a patch; <paramref name="laid"/> gives its operands whose layout matters.</summary>
    public static Layer Move(NetworkPatch patch, Layer layer, Permutation permutation, Func<Value, Value> laid)
    {
        int rank = permutation.Rank;
        bool all = layer.Operator is { IsElementwise: true } or Concat;
        Value?[] operands = [.. layer.Inputs.Select((value, i) => value is null ? null
            : !all && i > 0 ? patch.Tap(value)
            : value.Constant is { } constant ? constant.Count == 1 && layer.Operator is not Concat ? patch.Tap(value) : patch.Constant(Transposed(constant, permutation), value.Name)
            : value.TensorType.Rank == rank ? laid(value) : patch.Tap(value))];
        var op = layer.Operator switch
        {
            Concat concat => concat with { Axis = Axis(concat.Axis) },
            Split split => split with { Axis = Axis(split.Axis) },
            AlongAxis along => along with { Axis = Axis(along.Axis) },
            Resize { Axes: { IsEmpty: false } named } resize => resize with { Axes = [.. named.Select(Axis)] },
            var same => same,
        };
        long[]? axes = layer.Operator switch
        {
            Reduction => [.. Match.Axes(layer)!.Select(a => Axis(a))],
            Slice => [.. SliceAxes(layer)!.Select(Axis)],
            _ => null,
        };
        if (layer.Operator is Reduction { NoopWithEmptyAxes: var noop } && !(axes is [] && noop)) operands = [operands[0], Numbers(axes!, "axes")];
        if (layer.Operator is Slice) operands = [.. operands[..3], Numbers(axes!, "axes"), .. operands.Skip(4)];
        if (layer.Operator is Resize { Axes.IsEmpty: true })
        {
            for (int i = FirstScales; i < operands.Length; i++)
            {
                if (layer.Inputs[i]?.Constant is { Count: > 0 } factors) operands[i] = patch.Constant(Constant.Of(Ordered(factors.Materialize(), permutation)), layer.Inputs[i]!.Name);
            }
        }
        if (layer.Operator is Pad)
        {
            long[] pads = Match.Ints(layer.Inputs[1])!, moved = new long[pads.Length];
            for (int i = 0; i < pads.Length; i++) moved[permutation[i % rank] + i / rank * rank] = pads[i];
            operands[1] = Numbers(moved, "pads");
        }
        return patch.Add(op, operands, [.. layer.Outputs.Select(o => o is null ? (OutputSpec?)null : new OutputSpec($"{o.Name}.moved", permutation.Undo(o.TensorType)))], layer.Name);

        long Axis(long axis) => permutation[(int)(axis < 0 ? axis + rank : axis)];

        // Operands of bounds have one type.
        Value Numbers(long[] numbers, string name) => patch.Constant(
            Constant.Of(layer.Operator is Slice && layer.Inputs[1]!.TensorType.ElementType == ElementType.Int32 ? Tensor.Vector<int>([.. numbers.Select(n => (int)n)]) : Tensor.Vector<long>(numbers)), $"{layer.Outputs[0]?.Name}.{name}");
    }

    private static bool KeepsOrder(Layer reduction, Permutation permutation) => Match.Axes(reduction) is { } axes && Ascends(axes, permutation);

    private static bool Ascends(IEnumerable<int> axes, Permutation permutation) => axes.Select(a => permutation[a]).ToArray() is var moved && moved.Order().SequenceEqual(moved);

    /// <summary>A value whose dimensions are known in number, and whose elements are not quantised.</summary>
    public static bool IsPlain(Value value, int rank) => value.Type is TensorType { Quantization: null } type && type.Rank == rank;

    private static long[]? SliceAxes(Layer layer)
    {
        if (layer.Inputs.Length > 3 && layer.Inputs[3] is { } given) return Match.Ints(given);
        return layer.Inputs[1]!.TensorType.Shape is { Rank: 1 } length && length[0].Constant is { } count and <= Limits.Rank ? [.. Enumerable.Range(0, (int)count).Select(i => (long)i)] : null;
    }

    // The axes that a Resize changes, or may change; null where operands are computed or speak of a region.
    private static int[]? ResizedAxes(Layer layer)
    {
        if (layer.Operator is not Resize { Transformation: not CoordinateTransformation.TfCropAndResize } resize || layer.Inputs[0]! is not { TensorType.Shape: { } shape }) return null;
        var given = layer.Inputs.Skip(FirstScales).OfType<Value>().Where(i => i.Constant is not { Count: 0 }).ToArray();
        if (given is not [{ Constant: { } factors }] || factors.Count != (resize.Axes.IsEmpty ? shape.Rank : resize.Axes.Length)) return null;
        var axes = Enumerable.Range(0, factors.Count).Select(i => (int)(resize.Axes.IsEmpty ? i : resize.Axes[i] < 0 ? resize.Axes[i] + shape.Rank : resize.Axes[i]));
        double[] elements = factors.Materialize().ToDoubles();
        bool areScales = factors.Type.ElementType.IsFloat();
        return [.. axes.Where((axis, i) => areScales ? elements[i] != 1 : !shape[axis].Is((long)elements[i]))];
    }

    // One element per axis, in the order of the moved axes.
    private static Tensor Ordered(Tensor perAxis, Permutation permutation)
    {
        double[] given = perAxis.ToDoubles(), moved = new double[given.Length];
        for (int i = 0; i < given.Length; i++) moved[permutation[i]] = given[i];
        return Tensor.FromDoubles(perAxis.ElementType, [given.Length], moved);
    }

    private static Constant Transposed(Constant constant, Permutation permutation)
    {
        var whole = Channels.Reshape(constant, [.. Enumerable.Repeat(1, permutation.Rank - constant.Dims.Length), .. constant.Dims]);
        return ConstantExpressions.Apply(permutation.Inverse.Operator, whole);
    }
}

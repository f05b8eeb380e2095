using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules.Recognition;

/// <summary>Cosines and sines as the operator wants them: one for each pair, <c>[B, S, R/2]</c>.</summary>
internal sealed class Angles(NetworkPatch patch, bool interleaved, long width)
{
    private const int MostElements = 1 << 24, MostDepth = 16;

    /// <summary>
    /// From a value whose last axis holds the same numbers for the first and the second elements of all pairs: a value of the first ones
    /// only; null where that is not certain.
    /// </summary>
    public Value? Half(Value value, int depth = 0)
    {
        if (Lanes.Width(value) != width || depth > MostDepth) return null;
        if (value.Constant is { } constant) return Half(constant) is { } half ? patch.Constant(half, value.Name) : null;
        if (Pairs.Of(value) is { Rest: null } pairs && pairs.Interleaved == interleaved && pairs.First == pairs.Second) return patch.Tap(pairs.First);
        if (value.Producer is not { } layer) return null;
        int last = value.TensorType.Rank!.Value - 1;
        switch (layer.Operator)
        {
            case Cast or Unary:
                return Next(0) is { } operand ? patch.Add(layer.Operator, operand) : null;
            case Add or Sub or Mul or Div:
                return Operand(0) is { } left && Operand(1) is { } right ? patch.Add(layer.Operator, left, right) : null;
            case MatMul when layer.Inputs[1]!.TensorType.Rank > 1:
                return Next(1) is { } columns ? patch.Add(layer.Operator, patch.Tap(layer.Inputs[0]!), columns) : null;
            case Gather gather when layer.Inputs[0]!.TensorType.Rank is { } rank && Piece.Normal(gather.Axis, rank) < rank - 1:
                return Next(0) is { } table ? patch.Add(gather with { Axis = Piece.Normal(gather.Axis, rank) }, table, patch.Tap(layer.Inputs[1]!)) : null;
            case Gather when layer.Inputs[0]!.TensorType.Rank is { } rank && Match.Ints(layer.Inputs[1]) is { } picks && Halves(picks):
                return patch.Add(layer.Operator, patch.Tap(layer.Inputs[0]!), patch.Constant(Constant.Of(Tensor.Vector<long>(First(picks))), "indices"));
            case Unsqueeze when Match.Ints(layer.Inputs[1]) is { } axes && !axes.Any(a => Piece.Normal(a, last + 1) == last):
                return Next(0) is { } narrow ? patch.Add(layer.Operator, narrow, patch.Tap(layer.Inputs[1]!)) : null;
            case Squeeze when layer.Inputs is [{ TensorType.Rank: { } rank } source, { } removed] && Match.Ints(removed) is { } axes && !axes.Any(a => Piece.Normal(a, rank) == rank - 1):
                return Next(0) is { } wide ? patch.Add(layer.Operator, wide, patch.Tap(removed)) : null;
            case Slice or Split when Piece.Of(value) is { } piece && piece.Axis != last:
                return Half(piece.Whole, depth + 1) is { } whole ? Again(layer, value, whole) : null;
            case Reshape:
                return Repeated(value, layer) is { } once ? patch.Tap(once) : Next(0) is { } flat ? Reshaped(flat, value.TensorType.Shape!) : null;
            default:
                return null;
        }

        Value? Next(int i) => Half(layer.Inputs[i]!, depth + 1);

        // What broadcasts along the last axis serves all elements alike.
        Value? Operand(int i) => layer.Inputs[i]!.TensorType is { Shape: { } shape } && (shape.Rank == 0 || shape[shape.Rank - 1].Is(1)) ? patch.Tap(layer.Inputs[i]!) : Next(i);
    }

    /// <summary>
    /// What broadcasts to one angle for each pair of x as <c>[B, S, R/2]</c>: x is <c>[B, N, S, H]</c>, or <c>[B, S, N, H]</c> where heads are at 2, or <c>[B, S, H]</c>
    /// without heads (−1). Null where angles differ between heads or extents are not provably right.
    /// </summary>
    public Value? PerPosition(Value angles, Value x, int heads)
    {
        if (angles.TensorType.Shape is not { Rank: >= 2 and { } rank } shape || x.TensorType.Shape is not { } extent || rank > extent.Rank) return null;
        int shift = extent.Rank - rank, positions = heads == 2 ? 1 : extent.Rank - 2;
        Dim At(int axis) => axis < shift ? Dim.One : shape[axis - shift];
        if (!At(extent.Rank - 1).Equals(width / 2) || !At(positions).Equals(extent[positions]) || !(At(0).Is(1) || At(0).Equals(extent[0])) || heads >= 0 && !At(heads).Is(1)) return null;
        if (heads >= shift) angles = patch.Add(new Squeeze(), angles, Ints(heads - shift));
        while (angles.TensorType.Rank < 3) angles = patch.Add(new Unsqueeze(), angles, Ints(0));
        if (At(0).Equals(extent[0])) return angles;
        Value batch = extent[0].Constant is { } number ? Ints(number) : patch.Add(new ShapeOf { End = 1 }, patch.Tap(x));
        var result = patch.Add(new Expand(), angles, patch.Add(new Concat(), batch, Ints(1, 1)));
        return result.TensorType.Shape is { } expanded && expanded[0].Equals(extent[0]) ? result : null;
    }

    private Value Ints(params ReadOnlySpan<long> elements) => patch.Constant(Constant.Of(Tensor.Vector(elements)), "dims");

    private Constant? Half(Constant constant)
    {
        if (constant.Count is 0 or > MostElements || constant.Dims.Length == 0) return null;
        var elements = constant.Materialize().ToDoubles();
        for (int row = 0; row < elements.Length; row += (int)width)
        {
            if (!Halves(elements.AsSpan(row, (int)width))) return null;
        }
        var (from, to, step) = interleaved ? (0, long.MaxValue, 2L) : (0, width / 2, 1);
        return ConstantExpressions.Apply(new Slice(), constant, Vector(from), Vector(to), Vector(-1), Vector(step));
    }

    private static Constant Vector(long element) => Constant.Of(Tensor.Vector(element));

    private bool Halves<T>(ReadOnlySpan<T> elements)
    {
        int half = elements.Length / 2;
        for (int i = 0; i < half; i++)
        {
            if (!EqualityComparer<T>.Default.Equals(elements[interleaved ? 2 * i : i], elements[interleaved ? 2 * i + 1 : i + half])) return false;
        }
        return elements.Length == 2 * half;
    }

    private T[] First<T>(T[] elements) => [.. elements.Where((_, i) => interleaved ? i % 2 == 0 : i < elements.Length / 2)];

    // [.., R/2] repeated along a new axis behind the last or before it: Reshape(Expand(Unsqueeze)).
    private Value? Repeated(Value value, Layer layer)
    {
        if (layer.Inputs[0] is not { Producer: { Operator: Expand or Tile, Inputs: [{ Producer: { Operator: Unsqueeze or Reshape } open } thin, ..] }, TensorType.Shape: { } parts }) return null;
        var shape = value.TensorType.Shape!;
        int axis = interleaved ? shape.Rank : shape.Rank - 1;
        if (parts.Rank != shape.Rank + 1 || !parts.SkipLast(2).SequenceEqual(shape.SkipLast(1)) || !parts[axis].Is(2) || !parts[2 * shape.Rank - 1 - axis].Is(width / 2)) return null;
        return parts.With(axis, 1).Equals(thin.TensorType.Shape) && parts.Dims.RemoveAt(axis).SequenceEqual(open.Inputs[0]!.TensorType.Shape ?? Shape.Scalar) ? open.Inputs[0] : null;
    }

    private Value? Reshaped(Value half, Shape shape) => ReshapeTarget.Of(half.TensorType.Shape, shape.With(shape.Rank - 1, width / 2)) is { } target
        ? patch.Add(new Reshape { AllowZero = target.AllowZero }, half, Ints(target.Dims))
        : null;

    private Value? Again(Layer layer, Value value, Value whole)
    {
        var specs = layer.Outputs.Select(o => o is null ? (OutputSpec?)null : new OutputSpec("")).ToArray();
        return patch.Add(layer.Operator, [whole, .. layer.Inputs.Skip(1).Select(i => i is null ? null : patch.Tap(i))], specs, "").Outputs[layer.Outputs.IndexOf(value)];
    }
}

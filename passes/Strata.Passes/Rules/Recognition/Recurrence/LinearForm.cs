using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>A matrix as a summand of a <see cref="LinearForm"/>: multiplied by constant weights, or as it is where these are null.</summary>
/// <param name="Atom">The matrix.</param>
/// <param name="Weights">The weights.</param>
/// <param name="Operand">The matrix as a value, where there is one.</param>
internal sealed record LinearTerm(Atom Atom, WeightBlock? Weights, Value? Operand = null);

/// <summary>A matrix <c>[B, n]</c>, also as <c>[1, B, n]</c>, as a sum of matrices times constants, and of constants for all rows, however spelled.</summary>
/// <param name="Count">n.</param>
/// <param name="Terms">What depends on computed values.</param>
/// <param name="Biases">What does not.</param>
/// <param name="Path">The layers that compute it from matrices.</param>
internal sealed record LinearForm(long Count, ImmutableArray<LinearTerm> Terms, ImmutableArray<BiasBlock> Biases, ImmutableArray<Layer> Path)
{
    private const int MostDepth = 12;

    /// <summary>True when all terms have weights.</summary>
    public bool IsWeighted => Terms.All(static t => t.Weights is not null);

    /// <summary>A matrix of known width seen so; at worst as a value that stands for itself. Null for other values.</summary>
    public static LinearForm? Of(Value value) => Of(value, 0);

    /// <summary>The form times a number; null where a term has no weights.</summary>
    public LinearForm? Times(float factor) => !IsWeighted ? null : this with
    {
        Terms = [.. Terms.Select(t => t with { Weights = t.Weights! with { Factor = factor * t.Weights!.Factor } })],
        Biases = [.. Biases.Select(b => b with { Factor = factor * b.Factor })],
    };

    private static LinearForm? Of(Value value, int depth)
    {
        if (!Atom.IsMatrix(value) || Lanes.Width(value) is not { } count) return null;
        var opaque = new LinearForm(count, [new(Atom.Of(value), null)], [], []);
        if (opaque.Terms[0].Atom is { IsStep: true } step) return OfSequence(step.Value, count) is var (sequence, weights, biases) ? new(count, [new(step with { Value = sequence }, weights)], biases, []) : opaque;
        if (value.Producer is not { } layer || depth == MostDepth) return opaque;
        return layer.Operator switch
        {
            MatMul when layer.Inputs[1]!.Constant is { Dims.Length: 2 } matrix => Product(layer, WeightBlock.Of(matrix, false, 1)),
            Gemm { TransA: false } gemm when layer.Inputs[1]!.Constant is { } matrix => OfGemm(gemm, layer, Product(layer, WeightBlock.Of(matrix, gemm.TransB, gemm.Alpha)), depth),
            Add => OfSum(layer, value, depth),
            Slice or Split => OfPiece(layer, value, depth),
            _ => null,
        } ?? opaque;
    }

    // A sequence whose every step is multiplied by the same weights, computed for all steps at once.
    private static (Value Sequence, WeightBlock Weights, ImmutableArray<BiasBlock> Biases)? OfSequence(Value value, long count)
    {
        ImmutableArray<BiasBlock> biases = [];
        while (value.Producer is { Operator: Add } sum && Match.SameShape(sum.Inputs[0]!, value) && Bias(sum.Inputs[1]!, count) is { } bias) (value, biases) = (sum.Inputs[0]!, biases.Add(bias));
        return value.Producer is { Operator: MatMul, Inputs: [{ TensorType.Rank: 3 } operand, { Constant: { Dims.Length: 2 } matrix }] } ? (operand, WeightBlock.Of(matrix, false, 1), biases) : null;
    }

    // Rows of inputs that are joined from several are multiplied by several blocks.
    private static LinearForm? Product(Layer layer, WeightBlock weights)
    {
        var (_, count) = weights.Columns;
        var operand = layer.Inputs[0]!;
        if (!Atom.IsMatrix(operand)) return null;
        if (operand.Producer is not { Operator: Concat concat } join || Piece.Normal(concat.Axis, operand.TensorType.Rank!.Value) != operand.TensorType.Rank - 1) return new(count, [new(Atom.Of(operand), weights, operand)], [], [layer]);
        var terms = ImmutableArray.CreateBuilder<LinearTerm>();
        long at = 0;
        foreach (var part in join.Inputs)
        {
            if (Lanes.Width(part!) is not { } width) return null;
            terms.Add(new(Atom.Of(part!), weights.TakeRows(at, width), part));
            at += width;
        }
        return new(count, terms.ToImmutable(), [], [layer, join]);
    }

    private static LinearForm? OfGemm(Gemm gemm, Layer layer, LinearForm? product, int depth)
    {
        if (product is null || layer.Inputs is not [_, _, { } added]) return product;
        if (Bias(added, product.Count) is { } bias) return product with { Biases = [bias with { Factor = gemm.Beta }] };
        return gemm.Beta == 1 && Match.SameShape(added, layer.Outputs[0]!) && Of(added, depth + 1) is { } other ? Sum(product, other, []) : null;
    }

    private static LinearForm? OfSum(Layer layer, Value value, int depth)
    {
        if (Lanes.Width(value) is not { } count) return null;
        Value left = layer.Inputs[0]!, right = layer.Inputs[1]!;
        foreach (var (x, y) in new[] { (left, right), (right, left) })
        {
            if (Bias(y, count) is { } bias && HasShapeOf(x, value) && Of(x, depth + 1) is { } form) return form with { Biases = form.Biases.Add(bias), Path = form.Path.Add(layer) };
        }
        return HasShapeOf(left, value) && HasShapeOf(right, value) && Of(left, depth + 1) is { } a && Of(right, depth + 1) is { } b ? Sum(a, b, [layer]) : null;
    }

    private static LinearForm? OfPiece(Layer layer, Value value, int depth)
    {
        if (Piece.Of(value) is not { Begin.Constant: { } begin } piece || piece.Axis != value.TensorType.Rank - 1 || Lanes.Width(value) is not { } count) return null;
        if (Of(piece.Whole, depth + 1) is not { IsWeighted: true } whole) return null;
        return new(count, [.. whole.Terms.Select(t => t with { Weights = t.Weights!.TakeColumns(begin, count) })],
            [.. whole.Biases.Select(b => b with { First = b.First + begin, Count = count })], whole.Path.Add(layer));
    }

    private static LinearForm Sum(LinearForm a, LinearForm b, ImmutableArray<Layer> path) => new(a.Count, a.Terms.AddRange(b.Terms), a.Biases.AddRange(b.Biases), [.. a.Path, .. b.Path, .. path]);

    // Equal shapes, a leading dimension of 1 apart.
    private static bool HasShapeOf(Value x, Value value) => Atom.IsMatrix(x) && Atom.IsMatrix(value) && x.TensorType.Shape!.TakeLast(2).SequenceEqual(value.TensorType.Shape!.TakeLast(2));

    // One element, or one for each column, for all rows.
    private static BiasBlock? Bias(Value value, long count) => value.Constant is { Dims.Length: <= 3 } constant && (constant.Count == 1 || constant.Count == count && constant.Dims[^1] == count) ? new(constant, 0, count, 1) : null;
}

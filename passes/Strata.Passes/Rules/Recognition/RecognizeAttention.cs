using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>Softmax(scale · q · kᵀ + mask) · v</c> → <c>Attention(q, k, v, mask)</c>, per head: <c>[B, N, S, H]</c>, or <c>[B, S, H]</c> as one head. The scale is
/// a number, on queries, keys or scores; masks are added, or chosen by <c>Where(m, scores, −∞)</c>; a constant triangular one becomes
/// causal; keys and values that are repeated for each head of a group are taken unrepeated; softmax of 16-bit scores may be
/// computed in a wider type; probabilities may be stretched and clipped. Nothing else uses what lies between. A query that may attend to nothing gives zeros, where the layers
/// give NaN.
/// </summary>
public sealed class RecognizeAttention : Rule<MatMul>
{
    /// <inheritdoc/>
    public override string Name => "recognize-attention";

    /// <inheritdoc/>
    public override ValueEffects Effects => ValueEffects.Roundings | ValueEffects.NonFinite;

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(MatMul op, Layer layer, RewriteContext context)
    {
        if (layer.Outputs is not [{ Type: TensorType { Rank: (3 or 4) and { } rank, ElementType: var type } } result] || !type.IsFloat()) return null;
        var region = new Region(layer, context);
        if (Stretched(layer.Inputs[0]!, region) is not var (probabilities, stretch) || ScoresOf(probabilities, type, region) is not var (scores, precision) || scores.TensorType.Shape is not { } extent || extent.Rank != rank) return null;

        var choice = AttentionMask.OfChoice(scores.Producer);
        if (choice is not null) region.Add(scores.Producer!);
        if (ScoreExpression.Of(choice?.Scores ?? scores, context) is not { } expression || choice is not null && !expression.Added.IsEmpty) return null;
        foreach (var part in expression.Path) region.Add(part);
        var mask = choice?.Mask ?? new AttentionMask(expression.Added, extent);

        double scale = expression.Scale;
        Value q = Unscaled(expression.Product.Inputs[0]!, ref scale), k = Unscaled(expression.Product.Inputs[1]!, ref scale), v = layer.Inputs[1]!;
        int[] turn = [.. Enumerable.Range(0, rank)];
        if (k.Producer is { Operator: Transpose transpose } turned)
        {
            turn = transpose.Perm.IsEmpty ? [.. turn.Reverse()] : [.. transpose.Perm.Select(d => (int)d)];
            k = Unscaled(turned.Inputs[0]!, ref scale);
        }
        if (k.TensorType.Shape is not { } source || source.Rank != rank || turn.Length != rank) return null;
        (turn[^1], turn[^2]) = (turn[^2], turn[^1]);
        var keys = Shape.Create([.. turn.Select(d => source[d])]);
        if (!Fit(q.TensorType.Shape, keys, v.TensorType.Shape) || !mask.Fits || Match.Attribute(scale, type) is not { } factor || !region.IsClosed) return null;
        bool inPlace = turn.SequenceEqual(Enumerable.Range(0, rank));
        if (inPlace && Unrepeated(k) is { } oneK && Unrepeated(v) is { } oneV && oneK.TensorType.Shape![1].Equals(oneV.TensorType.Shape![1])) (k, v) = (oneK, oneV);

        var patch = context.NewPatch(Name);
        Value? taken = mask.IsCausal ? null : mask.Operand(patch, type);
        Value key = inPlace ? patch.Tap(k) : patch.Add(new Transpose { Perm = [.. turn.Select(d => (long)d)] }, patch.Tap(k));
        var attention = new Attention { Scale = factor, IsCausal = mask.IsCausal, SoftmaxPrecision = precision == type ? null : precision, Stretch = stretch };
        if (rank == 4) return region.Replace(patch, attention, patch.Tap(q), key, patch.Tap(v), taken);
        // One head.
        var axis = patch.Constant(Constant.Of(Tensor.Vector<long>(1)), "head");
        var single = patch.Add(attention, ByHead(patch.Tap(q)), ByHead(key), ByHead(patch.Tap(v)), taken?.TensorType.Rank == 3 ? ByHead(taken) : taken);
        return region.Replace(patch, new Squeeze(), single, axis);

        Value ByHead(Value value) => patch.Add(new Unsqueeze(), value, axis);
    }

    // Probabilities p as clip(a · p + b, 0, 1), where they are taken so: b and a + b.
    private static (Value Probabilities, ImmutableArray<float> Stretch)? Stretched(Value value, Region region)
    {
        if (Clamp.Of(value, region) is not { } clamp) return (value, []);
        if (clamp is not { Low: 0, High: 1 }) return null;
        var (at, factor, shift) = (clamp.Operand, 1.0, 0.0);
        while (at.Producer is { Operator: not Softmax } layer)
        {
            if (ScoreExpression.Factor(layer) is var (scaled, number)) (at, factor) = (scaled, factor * number);
            else if (Addend(layer) is var (shifted, addend)) (at, shift) = (shifted, shift + addend * factor);
            else break;
            region.Add(layer);
        }
        return shift <= 0 && factor + shift >= 1 && float.IsFinite((float)(factor + shift)) ? (at, [(float)shift, (float)(factor + shift)]) : null;
    }

    private static (Value Operand, double Addend)? Addend(Layer layer)
    {
        if (layer.Operator is Sub && Match.Scalar(layer.Inputs[1]) is { } less && Match.KeepsShapeOf(layer, 0)) return (layer.Inputs[0]!, -less);
        if (layer.Operator is not Add || Match.WithScalar(layer) is not var (operand, addend) || !Match.SameShape(operand, layer.Outputs[0]!)) return null;
        return (operand, addend);
    }

    // The scores that became probabilities, in the type that softmax was computed in; NaN of rows without any may be replaced by 0.
    private static (Value Scores, ElementType Precision)? ScoresOf(Value probabilities, ElementType type, Region region)
    {
        bool narrowed = probabilities.Producer is { Operator: Cast, Inputs: [{ TensorType.ElementType: ElementType.Float32 or ElementType.Float64 }] };
        if (narrowed) probabilities = region.Add<Cast>(probabilities)!.Inputs[0]!;
        if (probabilities.Producer is { Operator: Where, Inputs: [{ Producer: { Operator: IsNaN } test }, { } zero, { } guarded] } guard && test.Inputs[0] == guarded && Match.Scalar(zero) == 0 && Match.SameShape(guarded, probabilities))
        {
            region.Add(guard);
            region.Add(test);
            probabilities = guarded;
        }
        if (region.Add<Softmax>(probabilities) is not { Operator: Softmax softmax } last || softmax.Axis != -1 && softmax.Axis != probabilities.TensorType.Rank - 1) return null;
        var (scores, precision) = (last.Inputs[0]!, probabilities.TensorType.ElementType);
        if (!narrowed) return (scores, precision);
        return region.Add<Cast>(scores)?.Inputs[0] is { } wide && wide.TensorType.ElementType == type ? (wide, precision) : null;
    }

    private static Value Unscaled(Value value, ref double scale)
    {
        while (value.Producer is { } layer && ScoreExpression.Factor(layer) is var (operand, factor)) (value, scale) = (operand, scale * factor);
        return value;
    }

    // Equal batches and heads, equal head sizes of queries and keys, equal lengths of keys and values.
    private static bool Fit(Shape? q, Shape k, Shape? v) => q is not null && v is not null && q.Rank == k.Rank && v.Rank == k.Rank
        && q.SkipLast(2).SequenceEqual(k.SkipLast(2)) && v.SkipLast(2).SequenceEqual(k.SkipLast(2)) && q[q.Rank - 1].Equals(k[k.Rank - 1]) && v[v.Rank - 2].Equals(k[k.Rank - 2])
        && (q.Rank == 3 || q[1].Constant is >= 1);

    // [B, N, L, H] behind Reshape(Expand([B, N, 1, L, H] to [B, N, G, L, H]), [B, N·G, L, H]).
    private static Value? Unrepeated(Value value)
    {
        if (value.Producer is not { Operator: Reshape, Inputs: [{ Producer: { Operator: Expand or Tile } repeat } groups, ..] } || value.TensorType.Shape is not { Rank: 4 } shape) return null;
        if (groups.TensorType.Shape is not { Rank: 5 } many || many[1].Constant is not { } heads || many[2].Constant is not { } size || shape[1].Constant != heads * size) return null;
        if (!many[0].Equals(shape[0]) || !many[3].Equals(shape[2]) || !many[4].Equals(shape[3])) return null;
        Shape one = [shape[0], heads, 1, shape[2], shape[3]], bare = [shape[0], heads, shape[2], shape[3]];
        return one.Equals(repeat.Inputs[0]!.TensorType.Shape) && repeat.Inputs[0]!.Producer is { Operator: Unsqueeze or Reshape } split && bare.Equals(split.Inputs[0]!.TensorType.Shape) ? split.Inputs[0] : null;
    }
}

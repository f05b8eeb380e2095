using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules.Recognition;

/// <summary>Which keys queries attend to: values that are added to scores, or a condition under which a score counts.</summary>
/// <param name="Parts">What is added, innermost first, or the condition alone.</param>
/// <param name="Extent">The shape of the scores.</param>
/// <param name="Fill">What stands for a score that does not count; null where <paramref name="Parts"/> are added.</param>
/// <param name="Inverted">True when scores count where the condition does not hold.</param>
internal sealed record AttentionMask(ImmutableArray<Value> Parts, Shape Extent, double? Fill = null, bool Inverted = false)
{
    // A mask this low leaves nothing of a score that it is added to.
    private const double Lowest = -1e30;
    private const int MostElements = 1 << 22;

    /// <summary>
    /// A layer that replaces scores by −∞, or by a number as low, under a condition that does not enlarge them: the scores and the
    /// mask; null for another layer.
    /// </summary>
    public static (Value Scores, AttentionMask Mask)? OfChoice(Layer? layer)
    {
        if (layer is not { Operator: Where, Inputs: [{ } condition, { } chosen, { } other] }) return null;
        bool inverted = Match.Scalar(other) is null;
        var (scores, fill) = inverted ? (other, Match.Scalar(chosen)) : (chosen, Match.Scalar(other));
        return fill <= Lowest && Match.SameShape(scores, layer.Outputs[0]!) ? (scores, new([condition], scores.TensorType.Shape!, fill, inverted)) : null;
    }

    /// <summary>True when the operator accepts the mask: it broadcasts to the scores and has their last dimension.</summary>
    public bool Fits => Parts.All(Broadcasts) && (Parts.IsEmpty || Parts.Any(p => p.TensorType.Shape is { Rank: > 0 } shape && shape[shape.Rank - 1].Equals(Columns)));

    /// <summary>True when query i attends to keys 0 to i, provably: one constant for all heads says so.</summary>
    public bool IsCausal
    {
        get
        {
            if (Parts is not [{ Constant: { Count: > 0 and <= MostElements } constant }] || Extent[Extent.Rank - 2].Constant is not { } rows || Columns.Constant is not { } columns) return false;
            if (constant.Dims.Length < 2 || constant.Dims[^1] != columns || constant.Dims[^2] != rows || constant.Count != rows * columns) return false;
            var values = constant.Materialize().ToDoubles();
            for (int i = 0; i < values.Length; i++)
            {
                bool counts = Fill is null ? values[i] == 0 : values[i] != 0 ^ Inverted;
                if (counts != (i % columns <= i / columns) || !counts && Fill is null && !(values[i] <= Lowest)) return false;
            }
            return true;
        }
    }

    /// <summary>The operand of the operator: null for none, a condition where it takes a score away, else what is added to scores of a type.</summary>
    public Value? Operand(NetworkPatch patch, ElementType type)
    {
        if (Parts.IsEmpty) return null;
        var value = patch.Tap(Parts[0]);
        foreach (var part in Parts[1..]) value = patch.Add(new Add(), value, patch.Tap(part));
        if (Fill is not { } fill) return value;
        if (double.IsNegativeInfinity(fill)) return Inverted ? patch.Add(new Not(), value) : value;
        Value zero = patch.Constant(Affine.Filled(type, 0), "zero"), lowest = patch.Constant(Affine.Filled(type, fill), "lowest");
        return Inverted ? patch.Add(new Where(), value, lowest, zero) : patch.Add(new Where(), value, zero, lowest);
    }

    private Dim Columns => Extent[Extent.Rank - 1];

    private bool Broadcasts(Value part)
    {
        if (part.TensorType.Shape is not { } shape || shape.Rank > Extent.Rank) return false;
        return shape.Zip(Extent.Skip(Extent.Rank - shape.Rank)).All(static d => d.First.Is(1) || d.First.Equals(d.Second));
    }
}

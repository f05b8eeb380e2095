using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>Concat(…, Split(x), …)</c> → <c>Concat(…, x, …)</c>, or <c>x</c>, where adjacent operands are the parts of x in order, by Split or Slice; and
/// <c>Concat(…, Concat(a, b), …)</c> along the same axis, if nothing else uses it, → <c>Concat(…, a, b, …)</c>.
/// </summary>
public sealed class JoinPieces : Rule<Concat>
{
    /// <inheritdoc/>
    public override string Name => "join-pieces";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Concat op, Layer layer, RewriteContext context)
    {
        if (layer.Outputs is not [{ Type: TensorType { Rank: { } rank } } output]) return null;
        int axis = Piece.Normal(op.Axis, rank);
        var joined = new List<Value>();
        for (int i = 0; i < layer.Inputs.Length;)
        {
            var operand = layer.Inputs[i]!;
            if (Run(layer, i, axis) is var (whole, length)) (operand, i) = (whole, i + length);
            else i++;
            if (Match.Sole<Concat>(operand, context) is { } inner && Piece.Normal(((Concat)inner.Operator).Axis, rank) == axis) joined.AddRange(inner.Inputs!);
            else joined.Add(operand);
        }
        if (joined.SequenceEqual(layer.Inputs!)) return null;
        if (joined is [var only]) return context.Forward(Name, layer, only);
        var patch = context.NewPatch(Name);
        patch.Replace(output, patch.Add(op, [.. joined.Select(patch.Tap)], [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;
    }

    // The value whose parts, in order and without gap, are the operands from one on, and how many of them.
    private static (Value Whole, int Length)? Run(Layer layer, int first, int axis)
    {
        var end = Dim.Zero;
        Value? whole = null;
        for (int i = first; i < layer.Inputs.Length; i++)
        {
            if (Piece.Of(layer.Inputs[i]!) is not { } piece || piece.Axis != axis || !piece.Begin.Equals(end) || whole is not null && !ReferenceEquals(whole, piece.Whole)) return null;
            (whole, end) = (piece.Whole, piece.End);
            if (end.Equals(whole.TensorType.Shape![axis])) return (whole, i + 1 - first);
        }
        return null;
    }
}

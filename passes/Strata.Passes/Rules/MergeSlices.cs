using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>Slice(Slice(x))</c> → one Slice, where both go by constants: along different axes, or along one axis of known extent that both take in
/// steps of 1. Nothing else may use the value between.
/// </summary>
public sealed class MergeSlices : Rule<Slice>
{
    /// <inheritdoc/>
    public override string Name => "merge-slices";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Slice op, Layer layer, RewriteContext context)
    {
        if (Match.Sole<Slice>(layer.Inputs[0], context) is not { } first || layer.Outputs is not [{ } output]) return null;
        if (Bounds(layer) is not { } outer || Bounds(first) is not { } inner || first.Inputs[0]!.TensorType.Shape is null) return null;
        var bounds = outer.Any(o => inner.Any(i => i.Axis == o.Axis)) ? Nested(output, first) : [.. inner, .. outer];
        if (bounds is null) return null;
        var patch = context.NewPatch(Name);
        Value?[] operands = [patch.Tap(first.Inputs[0]!), Numbers("starts", b => b.Start), Numbers("ends", b => b.End), Numbers("axes", b => b.Axis), Numbers("steps", b => b.Step)];
        patch.Replace(output, patch.Add(op, operands, [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;

        Value Numbers(string name, Func<(long Start, long End, long Axis, long Step), long> of) => patch.Constant(Constant.Of(Tensor.Vector<long>([.. bounds.Select(of)])), $"{output.Name}.{name}");
    }

    private static (long Start, long End, long Axis, long Step)[]? Nested(Value output, Layer first) =>
        Piece.Of(output) is { Begin.Constant: { } begin, End.Constant: { } end, Axis: var axis } && Piece.Of(first.Outputs[0]!) is { Begin.Constant: { } offset } within && within.Axis == axis
            ? [(offset + begin, offset + end, axis, 1)] : null;

    private static (long Start, long End, long Axis, long Step)[]? Bounds(Layer slice)
    {
        if (slice.Inputs[0]!.TensorType.Rank is not { } rank || Match.Ints(slice.Inputs[1]) is not { } starts || Match.Ints(slice.Inputs[2]) is not { } ends) return null;
        long[]? axes = Operand(3) is { } given ? Match.Ints(given) : [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[]? steps = Operand(4) is { } by ? Match.Ints(by) : [.. Enumerable.Repeat(1L, starts.Length)];
        if (axes is null || steps is null || ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length) return null;
        return [.. starts.Select((start, i) => (start, ends[i], (long)Piece.Normal(axes[i], rank), steps[i]))];

        Value? Operand(int index) => index < slice.Inputs.Length ? slice.Inputs[index] : null;
    }
}

using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>
/// A mask of Attention that all queries share, <c>[…, 1, T]</c> or <c>[T]</c> → one with a row for each of S queries, <c>[…, S, T]</c>. ONNX lets it broadcast,
/// ONNX Runtime does not.
/// </summary>
internal sealed class ExpandAttentionMask : Rule<Attention>
{
    /// <inheritdoc/>
    public override string Name => "expand-attention-mask";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Attention op, Layer layer, RewriteContext context)
    {
        if (layer.Inputs is not [{ Type: TensorType { Shape: { Rank: 3 or 4 } queries } } q, _, _, { Type: TensorType { Shape: { Rank: > 0 } shape } } mask, ..]) return null;
        int axis = queries.Rank - 2;
        if (shape.Rank > 1 && (shape[shape.Rank - 2].Equals(queries[axis]) || !shape[shape.Rank - 2].Is(1))) return null;
        var patch = context.NewPatch(Name);
        Value target = queries[axis].Constant is { } rows
            ? Dims(rows, 1)
            : patch.Add(new Concat(), patch.Add(new ShapeOf { Start = axis, End = axis + 1 }, patch.Tap(q)), Dims(1));
        Value?[] operands = [.. layer.Inputs.Select(i => i is null ? null : i == mask ? patch.Add(new Expand(), patch.Tap(mask), target) : patch.Tap(i))];
        var whole = patch.Add(op, operands, [.. layer.Outputs.Select(static o => o is null ? (OutputSpec?)null : new OutputSpec(o.Name, o.Type))], layer.Name);
        foreach (var (old, output) in layer.Outputs.Zip(whole.Outputs))
        {
            if (old is not null) patch.Replace(old, output!);
        }
        return patch;

        Value Dims(params ReadOnlySpan<long> elements) => patch.Constant(Constant.Of(Tensor.Vector(elements)), "mask.shape");
    }
}

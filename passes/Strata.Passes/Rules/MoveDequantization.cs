using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>f(DequantizeLinear(c))</c> → <c>DequantizeLinear(f(c))</c>, where f is a Transpose, Reshape, Squeeze, Unsqueeze or Flatten and c constant codes: what moves is
/// then a constant. Scales move along: those of one axis where f keeps it, those of blocks through a Transpose. Nothing else may use the
/// value between, which would store the codes twice.
/// </summary>
public sealed class MoveDequantization : IRule
{
    /// <inheritdoc/>
    public string Name => "move-dequantization";

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Transpose or Reshape or Squeeze or Unsqueeze or Flatten) || layer.Outputs is not [{ } output]) return null;
        if (Match.Sole<DequantizeLinear>(layer.Inputs[0], context) is not { Operator: DequantizeLinear op } source || source.Inputs.Any(i => i is not null && i.Constant is null)) return null;
        Constant codes = source.Inputs[0]!.Constant!, scale = source.Inputs[1]!.Constant!;
        var zeroPoint = source.Inputs.Length > 2 ? source.Inputs[2] : null;
        if (codes.Type.Quantization is not null || output.TensorType.Shape?.Constant is not { } dims || dims.Contains(0)) return null;
        bool single = scale.Count == 1 && op.BlockSize == 0;
        int axis = single ? 0 : codes.Dims.Length == 1 ? 0 : (int)(op.Axis < 0 ? op.Axis + codes.Dims.Length : op.Axis);

        Constant moved;
        if (Permutation.Of(layer) is { } permutation)
        {
            moved = ConstantExpressions.Apply(permutation.Operator, codes);
            axis = single ? 0 : permutation.Inverse[axis];
            if (op.BlockSize > 0) scale = ConstantExpressions.Apply(permutation.Operator, scale);
        }
        else
        {
            if (op.BlockSize > 0) return null;
            moved = ConstantExpressions.Apply(new Reshape(), codes, Constant.Of(Tensor.Vector<long>([.. dims.Select(d => (long)d)])));
            axis = single ? 0 : Same(codes.Dims, axis, dims);
            if (axis < 0) return null;
        }
        var patch = context.NewPatch(Name);
        var zeros = zeroPoint is null ? null
            : op.BlockSize > 0 && zeroPoint.Constant!.Dims.Length > 1 ? patch.Constant(ConstantExpressions.Apply(layer.Operator, zeroPoint.Constant), zeroPoint.Name) : patch.Tap(zeroPoint);
        Value?[] operands = [patch.Constant(moved, source.Inputs[0]!.Name), op.BlockSize > 0 ? patch.Constant(scale, source.Inputs[1]!.Name) : patch.Tap(source.Inputs[1]!), .. zeros is null ? Array.Empty<Value>() : [zeros]];
        patch.Replace(output, patch.Add(op with { Axis = single ? op.Axis : axis }, operands, [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;
    }

    // The axis of a shape that a reshape leaves as one of another: as long, with as many elements before it; −1 for none.
    private static int Same(ReadOnlySpan<int> from, int axis, int[] to)
    {
        long before = 1, reached = 1;
        foreach (int dim in from[..axis]) before *= dim;
        for (int i = 0; i < to.Length; reached *= to[i++])
        {
            if (reached == before && to[i] == from[axis]) return i;
        }
        return -1;
    }
}

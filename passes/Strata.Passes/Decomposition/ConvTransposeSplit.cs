using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Decomposition;

/// <summary>
/// <c>ConvTranspose(x, w, b)</c> → <c>Interleave(Conv(x, w₀, b), Conv(x, w₁, b), …, b)</c>, one convolution of stride 1 for each combination of an
/// output's position modulo the strides. The sub-filters are slices of the one w, turned into <c>[M, C/G, …]</c> and taken backwards; b stands where no
/// tap reaches. Leaves alone what more than <see cref="SubFilterSplit.MostParts"/> convolutions would make, taps that are not known, outputs that do not
/// grow as inputs do, and results without elements.
/// </summary>
public sealed class ConvTransposeSplit : Rule<ConvTranspose>
{
    /// <inheritdoc/>
    public override string Name => "conv-transpose-split";

    /// <inheritdoc/>
    public override ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(ConvTranspose op, Layer layer, RewriteContext context)
    {
        if (layer.Inputs is not [{ Type: TensorType { Shape: { } input } }, { Type: TensorType { Shape: { } weights } }, ..] || layer.Outputs is not [{ Type: TensorType { Shape: { } output } } result]) return null;
        if (SubFilterSplit.Of(op, input, weights, output) is not { } split) return null;
        if (op.Group > 1 && (weights.Constant is null || weights.Rank >= Limits.Rank)) return null;
        var patch = context.NewPatch(Name);
        Value x = patch.Tap(layer.Inputs[0]!), w = OutputsFirst(patch, patch.Tap(layer.Inputs[1]!), op.Group);
        var bias = layer.Inputs.Length > 2 && layer.Inputs[2] is { } given ? patch.Tap(given) : null;
        var axes = Ints("axes", [.. Enumerable.Range(2, input.Rank - 2).Select(a => (long)a)]);
        var steps = Ints("steps", split.Parts.First(p => p is not null)!.Steps.AsSpan());
        Value?[] parts = [.. split.Parts.Select(Convolve)];
        if (split.IsWhole)
        {
            patch.Replace(result, parts[0]!);
            return patch;
        }
        Value?[] operands = parts.Contains(null) && bias is not null ? [.. parts, bias] : parts;
        patch.Replace(result, patch.Add(split.Interleave, operands, [new OutputSpec(result.Name, result.Type)], layer.Name).Outputs[0]!);
        return patch;

        Value Ints(string name, ReadOnlySpan<long> elements) => patch.Constant(Constant.Of(Tensor.Vector(elements)), name);

        Value? Convolve(SubFilterPart? part)
        {
            if (part is null) return null;
            var filters = patch.Add(new Slice(), w, Ints("starts", part.Starts.AsSpan()), Ints("ends", part.Ends.AsSpan()), axes, steps);
            Value?[] inputs = bias is null ? [x, filters] : [x, filters, bias];
            return patch.Add(part.Operator, inputs, [split.IsWhole ? new OutputSpec(result.Name, result.Type) : new OutputSpec("")], layer.Name).Outputs[0]!;
        }
    }

    // [C, M/G, …] as [M, C/G, …].
    private static Value OutputsFirst(NetworkPatch patch, Value weights, long group)
    {
        int rank = weights.TensorType.Rank!.Value;
        if (group == 1) return patch.Add(new Transpose { Perm = [1, 0, .. Enumerable.Range(2, rank - 2).Select(a => (long)a)] }, weights);
        long[] dims = [.. weights.TensorType.Shape!.Constant!.Select(d => (long)d)];
        var cut = Reshaped(weights, [group, dims[0] / group, .. dims[1..]]);
        var swapped = patch.Add(new Transpose { Perm = [0, 2, 1, .. Enumerable.Range(3, rank - 2).Select(a => (long)a)] }, cut);
        return Reshaped(swapped, [group * dims[1], dims[0] / group, .. dims[2..]]);

        Value Reshaped(Value value, long[] shape) => patch.Add(new Reshape { AllowZero = shape.Contains(0) }, value, patch.Constant(Constant.Of(Tensor.Vector<long>(shape)), "shape"));
    }
}

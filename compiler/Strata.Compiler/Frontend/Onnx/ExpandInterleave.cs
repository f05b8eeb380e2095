using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>
/// <c>Interleave(parts)</c> → the transposed convolution that it was, or else <c>Slice(Reshape(Transpose(Reshape(Concat(parts)))))</c>: all parts side by
/// side along a new last axis, <c>[N, M, n…, s…]</c>, and each stride moved behind its axis. ONNX has no such operator.
/// </summary>
internal sealed class ExpandInterleave : Rule<Interleave>
{
    /// <inheritdoc/>
    public override string Name => "expand-interleave";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Interleave op, Layer layer, RewriteContext context)
    {
        if (layer.Outputs is not [{ } output]) return null;
        var patch = context.NewPatch(Name);
        if (SubFilterJoin.Of(layer) is { } join)
        {
            Value?[] operands = join.Bias is null ? [patch.Tap(join.Input), patch.Tap(join.Weights)] : [patch.Tap(join.Input), patch.Tap(join.Weights), patch.Tap(join.Bias)];
            patch.Replace(output, patch.Add(InOnnxForm(join.Operator), operands, [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
            return patch;
        }
        int count = op.Parts()!.Value, axes = op.Strides.Length;
        var first = patch.Tap(layer.Inputs.First(i => i is not null)!);
        Value?[] given = [.. layer.Inputs.Take(count).Select(p => p is null ? null : patch.Tap(p))];
        Value? filler = given.Contains(null) || given.Length < count ? Filler() : null;
        Value[] parts = [.. Enumerable.Range(0, count).Select(p => patch.Add(new Unsqueeze(), given.ElementAtOrDefault(p) ?? filler!, Ints(axes + 2)))];
        Value all = count == 1 ? parts[0] : patch.Add(new Concat { Axis = axes + 2 }, parts);
        // From the last axis on: its stride comes last, moves behind the axis, and joins it; the axes before it keep their places.
        for (int d = axes - 1; d >= 0; d--)
        {
            long outer = op.Strides.Take(d).Aggregate(1L, static (a, b) => a * b);
            long[] kept = [.. Enumerable.Range(0, axes + 2).Select(i => (long)i)];
            int axis = d + 2;
            // [N, M, n…, outer · s] → [N, M, n…, outer, s], s moved to stand behind its axis, what follows the axis moved to the front of the rest.
            all = patch.Add(new Reshape(), all, Ints([.. new long[axes + 2], outer, op.Strides[d]]));
            long[] behind = [.. kept.Where(i => i > axis)];
            all = patch.Add(new Transpose { Perm = [.. kept.Where(i => i < axis), .. behind, axes + 2, axis, axes + 3] }, all);
            all = patch.Add(new Reshape(), all, Ints([.. new long[axes + 2], -1]));
            all = patch.Add(new Transpose { Perm = [.. kept.Where(i => i < axis), axes + 2, .. Enumerable.Range(axis, behind.Length).Select(i => (long)i), axis + behind.Length] }, all);
        }
        all = patch.Add(new Squeeze(), all, Ints(axes + 2));
        if (!op.Trim.IsEmpty && op.Trim.Any(t => t > 0))
        {
            int[] cut = [.. Enumerable.Range(0, axes).Where(d => op.Trim[d] > 0)];
            all = patch.Add(new Slice(), all, Ints(new long[cut.Length]), Ints([.. cut.Select(d => -op.Trim[d])]), Ints([.. cut.Select(d => d + 2L)]));
        }
        if (!Equals(all.Type, output.Type)) all = patch.Add(new Identity(), [all], [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!;
        patch.Replace(output, all);
        return patch;

        Value Ints(params ReadOnlySpan<long> elements) => patch.Constant(Constant.Of(Tensor.Vector(elements)), "ints");

        Value Filler()
        {
            var type = first.TensorType.ElementType;
            var value = layer.Inputs.ElementAtOrDefault(count) is { } fill
                ? patch.Add(new Reshape(), patch.Tap(fill), Ints([1, -1, .. Enumerable.Repeat(1L, axes)]))
                : patch.Constant(Constant.Of(Tensor.Zeros(type, 1)), "zero");
            return patch.Add(new Expand(), value, patch.Add(new ShapeOf(), first));
        }
    }

    // ONNX cuts at the ends and adds there by output_padding; less than nothing is cut nowhere.
    private static ConvTranspose InOnnxForm(ConvTranspose op)
    {
        int axes = op.Window.Strides.Length;
        long[] added = [.. Enumerable.Range(0, axes).Select(d => Math.Max(0, -op.Window.Pads[axes + d]))];
        bool isAdded = added.Select((a, d) => a < Math.Max(op.Window.Strides[d], op.Window.Dilations[d])).All(x => x) && added.Any(a => a > 0);
        return isAdded ? op with { OutputPadding = [.. added], Window = op.Window with { Pads = [.. op.Window.Pads.Take(axes), .. op.Window.Pads.Skip(axes).Select((p, d) => p + added[d])] } } : op;
    }
}

using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>
/// Attention with a clipped softmax → Attention that shows its probabilities, <c>[B, Nq, S, T]</c>; these stretched and clipped, times the
/// values, <c>[B, Nk, T, Hv]</c>, each repeated for the Nq / Nk heads that share it. ONNX has no such attribute.
/// </summary>
internal sealed class ExpandClippedAttention : Rule<Attention>
{
    private const int Probabilities = 3;

    /// <inheritdoc/>
    public override string Name => "expand-clipped-attention";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Attention op, Layer layer, RewriteContext context)
    {
        if (op.Stretch is not [float low, float high]) return null;
        var type = layer.Inputs[0]!.TensorType.ElementType;
        var patch = context.NewPatch(Name);
        Value?[] operands = [.. layer.Inputs.Select(i => i is null ? null : patch.Tap(i))];
        var shown = patch.Add(op with { Stretch = [], QkMatmulOutputMode = AttentionScores.Probabilities }, operands, [.. Enumerable.Repeat((OutputSpec?)new OutputSpec(""), 4)], layer.Name);
        var stretched = patch.Add(new Add(), patch.Add(new Mul(), shown.Outputs[Probabilities]!, Number((double)high - low)), Number(low));
        var probabilities = patch.Add(new Clip(), stretched, Number(0), Number(1));

        var y = patch.Add(new MatMul(), probabilities, ForEachHead(shown.Outputs[2]!));
        if (layer.Inputs[0]!.TensorType.Rank == 3) y = patch.Add(new Reshape(), patch.Add(new Transpose { Perm = [0, 2, 1, 3] }, y), Dims(0, 0, -1));
        Replace(0, y);
        Replace(1, shown.Outputs[1]!);
        Replace(2, shown.Outputs[2]!);
        if (Taken(Probabilities) is null) return patch;
        if (op.QkMatmulOutputMode == AttentionScores.Probabilities) Replace(Probabilities, probabilities);
        else Replace(Probabilities, patch.Add(op with { Stretch = [] }, operands, [new OutputSpec(""), null, null, new OutputSpec("")], layer.Name).Outputs[Probabilities]!);
        return patch;

        Value Number(double number) => patch.Constant(Constant.Of(Tensor.FromDoubles(type, [], [number])), "number");

        Value Dims(params ReadOnlySpan<long> elements) => patch.Constant(Constant.Of(Tensor.Vector(elements)), "dims");

        Value? Taken(int i) => i < layer.Outputs.Length ? layer.Outputs[i] : null;

        void Replace(int i, Value by)
        {
            if (Taken(i) is { } output) patch.Replace(output, by);
        }

        Value ForEachHead(Value values)
        {
            if (values.TensorType.ElementType != type) values = patch.Add(new Cast { To = type }, values);
            if (shown.Outputs[Probabilities]!.TensorType.Shape![1].Constant is not { } heads || values.TensorType.Shape![1].Constant is not { } shared || heads == shared) return values;
            var single = patch.Add(new Unsqueeze(), values, Dims(2));
            return patch.Add(new Reshape(), patch.Add(new Expand(), single, Dims(1, 1, heads / shared, 1, 1)), patch.Add(new Concat(), Dims(0, heads), patch.Add(new ShapeOf { Start = 2, End = 4 }, values)));
        }
    }
}

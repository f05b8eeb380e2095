using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>x · cos + rotate(x) · sin</c> → <c>RotaryEmbedding(x, cos, sin)</c>, where rotate takes pairs (a, b) of the last axis to (−b, a): halves of
/// it, or neighbours; the halves spelled out too, <c>Concat(a·cos − b·sin, b·cos + a·sin)</c>. Pairs are taken by slices, splits or reshapes and
/// joined by Concat or stacked. Of the last axis of x the first elements may be turned, and the rest put behind unchanged. Cosines
/// and sines, one for each pair, or one for each element where both of a pair are provably equal, do not depend on heads.
/// x is <c>[B, N, S, H]</c>, <c>[B, S, N, H]</c> or, as one head, <c>[B, S, H]</c>. Nothing else uses what lies between.
/// </summary>
public sealed class RecognizeRotaryEmbedding : IRule
{
    /// <inheritdoc/>
    public string Name => "recognize-rotary-embedding";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Add or Sub or Concat or Reshape) || layer.Outputs is not [{ Type: TensorType { Rank: 3 or 4, ElementType: var type } } result] || !type.IsFloat()) return null;
        if (Rotation.Of(result) is not { } rotation || rotation.X.TensorType.Shape is not { } extent || !Match.SameShape(rotation.X, result)) return null;
        var region = new Region(layer, context);
        foreach (var part in rotation.Path) region.Add(part);
        if (!region.IsClosed) return null;
        foreach (int heads in extent.Rank == 3 ? [-1] : new[] { 1, 2 })
        {
            var patch = context.NewPatch(Name);
            var angles = new Angles(patch, rotation.Interleaved, rotation.Rotated);
            if (Operand(rotation.Cos) is not { } cos || Operand(rotation.Sin) is not { } sin) continue;
            if (Finish(region, patch, rotation, heads, cos, rotation.Backwards ? patch.Add(new Neg(), sin) : sin) is { } finished) return finished;

            Value? Operand(Value value) => (rotation.PerElement ? angles.Half(value) : patch.Tap(value)) is { } half ? angles.PerPosition(half, rotation.X, heads) : null;
        }
        return null;
    }

    private static NetworkPatch? Finish(Region region, NetworkPatch patch, Rotation rotation, int heads, Value cos, Value sin)
    {
        var (x, extent) = (patch.Tap(rotation.X), rotation.X.TensorType.Shape!);
        long width = Lanes.Width(rotation.X)!.Value;
        bool isPartial = rotation.Rotated < width;
        // ONNX Runtime wants to know heads where some elements are kept.
        long? count = heads < 0 ? 1 : extent[heads].Constant is >= 1 and <= 1 << 16 and var known ? known : null;
        if (count is null && (isPartial || heads == 2)) return null;
        var op = new RotaryEmbedding { Interleaved = rotation.Interleaved, RotaryEmbeddingDim = isPartial ? rotation.Rotated : 0, NumHeads = isPartial || heads != 1 ? count!.Value : 0 };
        if (heads != 2) return region.Replace(patch, op, x, cos, sin);

        // Heads behind positions lie side by side.
        var flat = patch.Add(new Reshape(), x, Target(0, 0, count!.Value * width));
        return region.Replace(patch, new Reshape(), patch.Add(op, flat, cos, sin), Target(0, 0, count.Value, width));

        Value Target(params ReadOnlySpan<long> dims) => patch.Constant(Constant.Of(Tensor.Vector(dims)), "heads");
    }
}

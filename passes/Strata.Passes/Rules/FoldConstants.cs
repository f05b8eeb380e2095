using Strata.Networks;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>f(c₁, c₂)</c> → a constant, by the reference evaluation of f, provided that the network does not grow: the result is at most
/// <see cref="Growth"/> bytes longer than the operands, of which one with k uses counts as a k-th. So what is computed to be
/// large stays computed, and quantised weights stay quantised. Small results are evaluated at once; larger ones become
/// expressions that are evaluated when someone reads them. Not folded: operators with bodies, random numbers, results that
/// are no tensors, and layers whose evaluation fails, which then fails in the run as before.
/// </summary>
public sealed class FoldConstants : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "fold-constants";

    /// <inheritdoc/>
    public override string Summary => "compute layers whose operands are all constants";

    /// <inheritdoc/>
    public override IReadOnlyList<PassOption> Options => [new("growth", Growth, "bytes by which a result may exceed its operands"), .. base.Options];

    /// <summary>Bytes by which a result may exceed its operands: by default, room for the arithmetic of shapes.</summary>
    public long Growth { get; init; } = 512;

    // Results of at most so many bytes, from operands of as many, are evaluated at once.
    private const long AtOnce = 1 << 20;

    /// <inheritdoc/>
    protected override IEnumerable<NetworkPatch> Sweep(RewriteContext context)
    {
        // Results count as constants in the same sweep, so that a chain folds in one.
        var known = new Dictionary<Value, Constant>(ReferenceEqualityComparer.Instance);
        foreach (var layer in context.Network.Layers)
        {
            if (layer.Inputs.Any(i => i is not null && ConstantOf(i) is null)) continue;
            if (Fold(layer, [.. layer.Inputs.Select(i => i is null ? null : ConstantOf(i))], context) is not { } results) continue;
            var patch = context.NewPatch(Name);
            foreach (var (output, constant) in results)
            {
                known[output] = constant;
                patch.Replace(output, patch.Constant(constant, output.Name));
            }
            yield return patch;
        }

        Constant? ConstantOf(Value value) => value.Constant ?? known.GetValueOrDefault(value);
    }

    private IReadOnlyList<(Value Output, Constant Constant)>? Fold(Layer layer, Constant?[] operands, RewriteContext context)
    {
        var outputs = layer.Outputs.Index().Where(o => o.Item is not null).Select(o => (o.Index, Value: o.Item!)).ToArray();
        if (outputs.Length == 0 || !Purity.IsPure(layer.Operator) || outputs.Any(o => o.Value.Type is not TensorType)) return null;
        if (ReferenceEvaluations.Find(layer.Operator) is null) return null;

        NetworkType?[] types = [.. layer.Outputs.Select(o => o?.Type)];
        long read = operands.Sum(o => BytesOf(o?.Type));
        long given = layer.Inputs.OfType<Value>().Distinct().Sum(i => BytesOf(i.Type as TensorType) / Math.Max(1, context.Uses(i)));
        long? wanted = outputs.All(o => o.Value.TensorType.Shape?.Constant is not null) ? outputs.Sum(o => BytesOf(o.Value.TensorType)) : null;
        if (wanted > given + Growth) return null;
        if (read <= AtOnce && (wanted is null || wanted <= AtOnce)) return Attempt(Evaluated);
        return wanted is not null ? Attempt(() => [.. outputs.Select(o => (o.Value, ConstantExpressions.Deferred(layer.Operator, operands, o.Index, types)))]) : null;

        IReadOnlyList<(Value, Constant)>? Evaluated()
        {
            var results = ConstantExpressions.Evaluate(layer.Operator, [.. operands.Select(o => o?.Materialize())], types);
            if (outputs.Any(o => results[o.Index] is not Tensor)) return null;
            (Value Value, Constant Constant)[] folded = [.. outputs.Select(o => (o.Value, Constant.Of((Tensor)results[o.Index]!).WithQuantization(o.Value.TensorType.Quantization)))];
            return folded.All(f => Knowledge.CanReplace(f.Value.Type, f.Constant.Type) && BytesOf(f.Constant.Type) <= given + Growth) ? folded : null;
        }

        static IReadOnlyList<(Value, Constant)>? Attempt(Func<IReadOnlyList<(Value, Constant)>?> fold)
        {
            try
            {
                return fold();
            }
            catch (StrataException)
            {
                return null;
            }
        }
    }

    // A string counts as its reference.
    private static long BytesOf(TensorType? type)
    {
        if (type?.Shape?.Constant is not { } dims) return 0;
        long count = dims.Aggregate(1L, static (product, d) => checked(product * d));
        return type.ElementType == ElementType.String ? count * 8 : type.ElementType.ByteCount(count);
    }
}

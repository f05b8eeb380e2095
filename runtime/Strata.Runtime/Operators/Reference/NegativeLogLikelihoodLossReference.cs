using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="NegativeLogLikelihoodLoss"/> in binary64.</summary>
internal static class NegativeLogLikelihoodLossReference
{
    public static Tensor Evaluate(NegativeLogLikelihoodLoss op, ReferenceContext context)
    {
        Tensor x = context[0], target = context[1];
        if (x.Rank < 2 || !target.Dims.SequenceEqual(x.Dims.RemoveAt(1))) throw ReferenceContext.Fail($"targets {target} do not fit {x}");
        int classes = x.Dims[1], inner = 1;
        for (int d = 2; d < x.Rank; d++) inner *= x.Dims[d];
        double[] values = x.ToDoubles(), losses = new double[target.Count];
        double[]? weights = context.Tensor(2)?.ToDoubles();
        if (weights is not null && weights.Length != classes) throw ReferenceContext.Fail($"{classes} class weights are needed, {weights.Length} given");
        long[] targets = target.ToInt64s();
        double total = 0, sum = 0;
        for (int i = 0; i < losses.Length; i++)
        {
            if (targets[i] == op.IgnoreIndex) continue;
            if (targets[i] < 0 || targets[i] >= classes) throw ReferenceContext.Fail($"target {targets[i]} lies outside [0, {classes - 1}]");
            double weight = weights?[targets[i]] ?? 1;
            losses[i] = -weight * values[(i / inner * classes + targets[i]) * inner + i % inner];
            (total, sum) = (total + weight, sum + losses[i]);
        }
        return op.Reduction switch
        {
            LossReduction.None => Tensor.FromDoubles(x.ElementType, target.Dims.AsSpan(), losses),
            LossReduction.Sum => Tensor.FromDoubles(x.ElementType, [], [sum]),
            _ => Tensor.FromDoubles(x.ElementType, [], [sum / total]),
        };
    }
}

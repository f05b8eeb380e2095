using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary><c>Σ exp(x)</c> or <c>Σ exp(x − max(x))</c> along one axis, which stays as a dimension of 1.</summary>
/// <param name="X">What is exponentiated.</param>
/// <param name="Largest">The maximum that is subtracted before, or null.</param>
/// <param name="Powers">The summands; null where one layer computes the whole.</param>
/// <param name="Axis">The axis, counted from the end: negative.</param>
internal sealed record ExponentialSum(Value X, Value? Largest, Value? Powers, int Axis)
{
    /// <summary>A value seen so, its layers counted to the region; null for another value.</summary>
    public static ExponentialSum? Of(Value value, Region region) =>
        region.Add<ReduceSum>(value) is { } sum && region.Add<Exp>(sum.Inputs[0]) is { } exp ? Along(sum, exp.Inputs[0]!, region) is { } found ? found with { Powers = sum.Inputs[0] } : null : null;

    /// <summary>A value seen as the logarithm of such a sum.</summary>
    public static ExponentialSum? OfLogarithm(Value value, Region region) => region.Add<ReduceLogSumExp>(value) is { } whole
        ? Along(whole, whole.Inputs[0]!, region)
        : region.Add<Log>(value) is { } log ? Of(log.Inputs[0]!, region) : null;

    private static ExponentialSum? Along(Layer reduction, Value argument, Region region)
    {
        if (AxisOf(reduction) is not { } axis) return null;
        foreach (var largest in Expansion.Reach(argument, 2))
        {
            if (largest.Producer is not { Operator: ReduceMax } maximum || AxisOf(maximum) != axis) continue;
            var x = maximum.Inputs[0]!;
            var expansion = new Expansion(region, x, largest);
            if (!expansion.Of(argument).IsNear((Polynomial)x - largest, x.TensorType.ElementType) || !expansion.KeepsShapeOf(x)) continue;
            region.Add(maximum);
            return new(x, largest, null, axis);
        }
        return new(argument, null, null, axis);
    }

    private static int? AxisOf(Layer reduction) =>
        reduction.Operator is Reduction { KeepDims: true } && Match.Axes(reduction) is [var axis] ? axis - reduction.Inputs[0]!.TensorType.Rank!.Value : null;
}

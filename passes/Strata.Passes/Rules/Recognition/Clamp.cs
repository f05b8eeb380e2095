using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary><c>min(max(x, low), high)</c>, however spelled: by Clip, Relu, Max and Min with numbers, or several of them.</summary>
internal readonly record struct Clamp(Value Operand, double Low, double High)
{
    /// <summary>A value seen so, its layers counted to the region; null for another value.</summary>
    public static Clamp? Of(Value value, Region region)
    {
        if (value.Producer is not { } layer || Bounds(layer) is not { } bounds) return null;
        region.Add(layer);
        if (Of(bounds.Operand, region) is not { } inner) return bounds;
        return new(inner.Operand, Limit(inner.Low, bounds), Limit(inner.High, bounds));
    }

    private static double Limit(double x, Clamp bounds) => Math.Min(Math.Max(x, bounds.Low), bounds.High);

    private static Clamp? Bounds(Layer layer)
    {
        switch (layer.Operator)
        {
            case Relu:
                return new(layer.Inputs[0]!, 0, double.PositiveInfinity);
            case Clip:
                double? low = Bound(1, double.NegativeInfinity), high = Bound(2, double.PositiveInfinity);
                return low is null || high is null ? null : new(layer.Inputs[0]!, Math.Min(low.Value, high.Value), high.Value);
            case Max or Min when Match.WithScalar(layer) is var (x, bound) && Match.SameShape(x, layer.Outputs[0]!):
                return layer.Operator is Max ? new(x, bound, double.PositiveInfinity) : new(x, double.NegativeInfinity, bound);
            default:
                return null;
        }

        double? Bound(int i, double none) => i < layer.Inputs.Length && layer.Inputs[i] is { } bound ? Match.Scalar(bound) : none;
    }
}

using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>
/// Conv, ConvTranspose, Gemm or MatMul with constant weights that nothing else uses, and with no bias or a constant one: what
/// scales and shifts along its channels can be folded into.
/// </summary>
internal sealed class LinearLayer
{
    private readonly Layer layer;
    private readonly Constant weights;
    private readonly Constant? bias;

    private LinearLayer(Layer layer, Constant weights, Constant? bias) => (this.layer, this.weights, this.bias) = (layer, weights, bias);

    /// <summary>The layer seen so, or null.</summary>
    public static LinearLayer? Of(Layer? layer, RewriteContext context)
    {
        if (layer?.Operator is not (Conv or ConvTranspose or Gemm or MatMul) || layer.Inputs[1] is not { Constant: { } weights } given) return null;
        if (context.Uses(given) > 1 || layer.Operator is MatMul && weights.Dims.Length != 2) return null;
        if (layer.Inputs[0]!.TensorType.Rank is null || !layer.Outputs[0]!.TensorType.ElementType.IsFloat()) return null;
        var linear = new LinearLayer(layer, weights, null);
        if (layer.Inputs.Length < 3 || layer.Inputs[2] is null) return linear;
        return Channels.Vector(layer.Inputs[2]!.Constant, layer.Operator is Gemm ? 2 : 1, 0, linear.Outputs) is { } bias ? new LinearLayer(layer, weights, bias) : null;
    }

    /// <summary>The layer that computes a value, seen so, where nothing else uses the value.</summary>
    public static LinearLayer? Before(Value? value, RewriteContext context) => value is not null && context.Uses(value) == 1 ? Of(value.Producer, context) : null;

    /// <summary>A scale or shift along the channels of the result, one element per channel; null where the constant is no such thing.</summary>
    public Constant? AlongOutputs(Value? constant) => layer.Outputs[0]!.TensorType.Rank is { } rank ? Channels.Vector(constant?.Constant, rank, IsWindow ? rank - 2 : 0, Outputs) : null;

    /// <summary>A scale or shift along the channels of the operand, one element per channel; null where the constant is no such thing.</summary>
    public Constant? AlongInputs(Value? constant)
    {
        int rank = layer.Inputs[0]!.TensorType.Rank!.Value;
        return Channels.Vector(constant?.Constant, rank, IsWindow ? rank - 2 : layer.Operator is Gemm { TransA: true } ? 1 : 0, Inputs);
    }

    /// <summary>The layer with its results times (or divided by) one factor per channel, of another operand, in a patch.</summary>
    public Value Scaled(NetworkPatch patch, Operator times, Constant factors, Value result) =>
        Build(patch, layer.Inputs[0]!, Apply(times, weights, factors, ofInputs: false), bias is null ? null : ConstantExpressions.Apply(times, bias, factors), result);

    /// <summary>The layer with a shift per channel added to its results; null where it can have no bias.</summary>
    public Value? Shifted(NetworkPatch patch, Constant shift, Value result)
    {
        if (layer.Operator is MatMul && layer.Inputs[0]!.TensorType.Rank != 2) return null;
        return Build(patch, layer.Inputs[0]!, weights, Sum(bias, Beta, shift, 1), result);
    }

    /// <summary>The layer on <paramref name="operand"/> in place of <c>operand · factors</c> (or <c>operand / factors</c>).</summary>
    public Value OnUnscaled(NetworkPatch patch, Value operand, Operator times, Constant factors) =>
        Build(patch, operand, Apply(times, weights, factors, ofInputs: true), bias, layer.Outputs[0]!);

    /// <summary>The layer on <paramref name="operand"/> in place of <c>operand + shift</c>; null where padding sees the shift, or where it can have no bias.</summary>
    public Value? OnUnshifted(NetworkPatch patch, Value operand, Constant shift)
    {
        if (layer.Operator is ConvTranspose || layer.Operator is Conv { Window: var window } && !IsUnpadded(window) || layer.Operator is MatMul && layer.Inputs[0]!.TensorType.Rank != 2) return null;
        var effect = Apply(new Mul(), weights, shift, ofInputs: true);
        int[] axes = layer.Operator is Conv ? [.. Enumerable.Range(1, weights.Dims.Length - 1)] : [layer.Operator is Gemm { TransB: true } ? 1 : 0];
        var sums = ConstantExpressions.Apply(new ReduceSum { KeepDims = false }, effect, Constant.Of(Tensor.Vector<long>([.. axes.Select(a => (long)a)])));
        return Build(patch, operand, weights, Sum(bias, Beta, sums, layer.Operator is Gemm gemm ? gemm.Alpha : 1), layer.Outputs[0]!);
    }

    private bool IsWindow => layer.Operator is Conv or ConvTranspose;

    private float Beta => layer.Operator is Gemm gemm ? gemm.Beta : 1;

    private long Group => layer.Operator switch { Conv conv => conv.Group, ConvTranspose transposed => transposed.Group, _ => 1 };

    private int Outputs => layer.Operator switch
    {
        Conv or Gemm { TransB: true } => weights.Dims[0],
        ConvTranspose => checked((int)(weights.Dims[1] * Group)),
        _ => weights.Dims[1],
    };

    private int Inputs => layer.Operator switch
    {
        Conv => checked((int)(weights.Dims[1] * Group)),
        Gemm { TransB: true } => weights.Dims[1],
        _ => weights.Dims[0],
    };

    // The factor is laid along the weights' dimension of its channels; with groups, the inner channels of a group are a dimension of their own.
    private Constant Apply(Operator times, Constant weights, Constant factors, bool ofInputs)
    {
        int[] dims = weights.Dims.ToArray(), along = [.. Enumerable.Repeat(1, dims.Length)];
        bool first = IsWindow ? ofInputs == layer.Operator is ConvTranspose : ofInputs != layer.Operator is Gemm { TransB: true };
        if (first || Group == 1)
        {
            along[first ? 0 : 1] = factors.Count;
            return ConstantExpressions.Apply(times, weights, Channels.Reshape(factors, along));
        }
        int group = (int)Group;
        var grouped = Channels.Reshape(weights, [group, dims[0] / group, .. dims[1..]]);
        along = [group, 1, dims[1], .. along[2..]];
        return Channels.Reshape(ConstantExpressions.Apply(times, grouped, Channels.Reshape(factors, along)), dims);
    }

    private Constant Sum(Constant? bias, float beta, Constant shift, float alpha)
    {
        var added = Times(shift, alpha);
        return bias is null ? added : ConstantExpressions.Apply(new Add(), Times(bias, beta), added);
    }

    private static Constant Times(Constant value, float factor) => factor == 1 ? value
        : ConstantExpressions.Apply(new Mul(), value, ConstantExpressions.Apply(new Cast { To = value.Type.ElementType }, Constant.Of(Tensor.Scalar(factor))));

    // A bias that has changed stands for beta times the old one.
    private Value Build(NetworkPatch patch, Value operand, Constant newWeights, Constant? newBias, Value result)
    {
        var op = layer.Operator switch
        {
            Gemm gemm when !ReferenceEquals(newBias, bias) && ReferenceEquals(newWeights, weights) => gemm with { Beta = 1 },
            MatMul when newBias is not null => new Gemm(),
            var same => same,
        };
        var given = ReferenceEquals(newWeights, weights) ? patch.Tap(layer.Inputs[1]!) : patch.Constant(newWeights, layer.Inputs[1]!.Name);
        var added = newBias is null ? null : ReferenceEquals(newBias, bias) && layer.Inputs.Length > 2 ? patch.Tap(layer.Inputs[2]!) : patch.Constant(newBias, layer.Inputs.Length > 2 && layer.Inputs[2] is { } old ? old.Name : $"{layer.Inputs[1]!.Name}.bias");
        return patch.Add(op, [patch.Tap(operand), given, added], [new OutputSpec(result.Name, result.Type)], layer.Name).Outputs[0]!;
    }

    private static bool IsUnpadded(WindowAttributes window) => window.AutoPad == AutoPad.Valid || window.AutoPad == AutoPad.NotSet && window.Pads.All(p => p == 0);
}

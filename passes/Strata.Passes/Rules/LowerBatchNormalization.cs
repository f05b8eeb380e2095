using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>BatchNormalization(x, scale, bias, mean, var)</c> → <c>x · f + (bias − mean · f)</c> with <c>f = scale / √(var + ε)</c>, where the four are
/// constants: scales and shifts per channel, which other rules fold into neighbours. The constants are computed in f64. Not
/// in training mode, in which the statistics come from x; the rank of x must be known.
/// </summary>
public sealed class LowerBatchNormalization : Rule<BatchNormalization>
{
    /// <inheritdoc/>
    public override string Name => "lower-batch-normalization";

    /// <inheritdoc/>
    public override ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(BatchNormalization op, Layer layer, RewriteContext context)
    {
        var x = layer.Inputs[0]!;
        if (op.TrainingMode || x.TensorType.Rank is not (>= 2 and var rank) || layer.Outputs is not [{ } output]) return null;
        if (layer.Inputs[1]!.Constant is not { } scale || layer.Inputs[2]!.Constant is not { } bias || layer.Inputs[3]!.Constant is not { } mean || layer.Inputs[4]!.Constant is not { } variance) return null;

        var deviation = ConstantExpressions.Apply(new Sqrt(), ConstantExpressions.Apply(new Add(), Wide(variance), Constant.Of(Tensor.Scalar((double)op.Epsilon))));
        var factor = ConstantExpressions.Apply(new Div(), Wide(scale), deviation);
        var shift = ConstantExpressions.Apply(new Sub(), Wide(bias), ConstantExpressions.Apply(new Mul(), Wide(mean), factor));

        var patch = context.NewPatch(Name);
        var scaled = patch.Add(new Mul(), [patch.Tap(x), Along(factor, $"{layer.Inputs[1]!.Name}.scale")], [new OutputSpec($"{output.Name}.scaled", x.Type)], layer.Name).Outputs[0]!;
        patch.Replace(output, patch.Add(new Add(), [scaled, Along(shift, $"{layer.Inputs[2]!.Name}.shift")], [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;

        Constant Wide(Constant constant) => ConstantExpressions.Apply(new Cast { To = ElementType.Float64 }, constant);

        Value Along(Constant constant, string name)
        {
            var narrow = ConstantExpressions.Apply(new Cast { To = x.TensorType.ElementType }, constant);
            return patch.Constant(Channels.Reshape(narrow, [constant.Count, .. Enumerable.Repeat(1, rank - 2)]), name);
        }
    }
}

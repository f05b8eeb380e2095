using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary><c>Pad(Pad(x, p, c), q, c)</c> → <c>Pad(x, p + q, c)</c>, for pads by one constant that remove nothing. The rank must be known.</summary>
public sealed class MergePads : Rule<Pad>
{
    /// <inheritdoc/>
    public override string Name => "merge-pads";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Pad op, Layer layer, RewriteContext context)
    {
        if (ConstantPad.Of(layer) is not { } outer || ConstantPad.Of(layer.Inputs[0]!.Producer) is not { } inner || !outer.Value.Equals(inner.Value) || double.IsNegative(outer.Value) != double.IsNegative(inner.Value)) return null;
        var output = layer.Outputs[0]!;
        var patch = context.NewPatch(Name);
        long[] pads = [.. inner.Begins.Zip(outer.Begins, (a, b) => a + b), .. inner.Ends.Zip(outer.Ends, (a, b) => a + b)];
        Value?[] operands = [patch.Tap(inner.Operand), patch.Constant(Constant.Of(Tensor.Vector<long>(pads)), $"{output.Name}.pads"), layer.Inputs.Length > 2 && layer.Inputs[2] is { } value ? patch.Tap(value) : null];
        patch.Replace(output, patch.Add(op, operands, [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;
    }
}

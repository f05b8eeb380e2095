using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>
/// Stored 13-bit floats as 16-bit ones for export, since ONNX has no such type: a Cast of an f13 constant becomes one of an f16
/// constant, which holds every f13 number.
/// </summary>
internal sealed class WidenFloat13 : Rule<Cast>
{
    /// <inheritdoc/>
    public override string Name => "widen-float13";

    /// <summary>The network with all such constants widened.</summary>
    public static Network Apply(Network network) => new RulePass("widen-float13", "13-bit floats as 16-bit ones", new WidenFloat13()).Run(network, new PassContext());

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Cast op, Layer layer, RewriteContext context)
    {
        if (layer.Inputs[0] is not { Constant: { Type.ElementType: ElementType.Float13 } codes } given) return null;
        var patch = context.NewPatch(Name);
        var wide = patch.Constant(ConstantExpressions.Apply(new Cast { To = ElementType.Float16 }, codes), given.Name);
        patch.Replace(layer.Outputs[0]!, patch.Add(op, [wide], [new OutputSpec(layer.Outputs[0]!.Name, layer.Outputs[0]!.Type)], layer.Name).Outputs[0]!);
        return patch;
    }
}

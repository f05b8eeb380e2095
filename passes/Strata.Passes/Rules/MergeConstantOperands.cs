using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>(x · c) · d</c> → <c>x · (c · d)</c>, and so with divisions; <c>(x + c) + d</c> → <c>x + (c + d)</c>, and so with differences. Constants of at most 64 elements,
/// of which one has the shape that both broadcast to. Nothing else may use the value between. What is merged must be finite and normal, or is an
/// integer; terms of opposite signs stay apart, because adding and subtracting a large number rounds on purpose.
/// </summary>
public sealed class MergeConstantOperands : IRule
{
    /// <inheritdoc/>
    public string Name => "merge-constant-operands";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context) =>
        Merge(layer, context, ConstantOperand.Scale, scales: true) ?? Merge(layer, context, ConstantOperand.Shift, scales: false);

    private NetworkPatch? Merge(Layer layer, RewriteContext context, Func<Layer?, ConstantOperand?> seen, bool scales)
    {
        if (seen(layer) is not { } outer || context.Uses(outer.Operand) > 1 || seen(outer.Operand.Producer) is not { } inner || layer.Outputs is not [{ } output]) return null;
        Constant c = inner.Constant.Constant!, d = outer.Constant.Constant!;
        if (c.Count is 0 or > Limits.InlineElements || d.Count is 0 or > Limits.InlineElements || c.Type.Quantization is not null || d.Type.Quantization is not null) return null;
        var type = c.Type.ElementType;
        double? least = LeastNormal(type);
        if (least is null && (!type.IsInteger() || layer.Operator is Div || inner.Layer.Operator is Div)) return null;

        // The first layer's operator applies to the merged constant: with an inverse after it, the second constant joins inversely.
        bool same = layer.Operator == inner.Layer.Operator;
        Operator op = scales ? same ? new Mul() : new Div() : same ? new Add() : new Sub();
        if (!scales && least is not null && !Agree(c, d, same)) return null;
        var merged = ConstantExpressions.Apply(op, c, d);
        if (merged.Count > Math.Max(c.Count, d.Count)) return null;
        var tensor = merged.Materialize();
        if (least is not null && new[] { c.Materialize(), d.Materialize(), tensor }.Any(t => !t.ToDoubles().All(e => double.IsFinite(e) && (!scales || Math.Abs(e) >= least)))) return null;

        var patch = context.NewPatch(Name);
        patch.Replace(output, patch.Add(inner.Layer.Operator, [patch.Tap(inner.Operand), patch.Constant(Constant.Of(tensor), inner.Constant.Name)], [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;
    }

    private static bool Agree(Constant c, Constant d, bool same)
    {
        int[] signs = [.. c.Materialize().ToDoubles().Select(Math.Sign), .. d.Materialize().ToDoubles().Select(e => same ? Math.Sign(e) : -Math.Sign(e))];
        return !(signs.Contains(1) && signs.Contains(-1));
    }

    private static double? LeastNormal(ElementType type) => type switch
    {
        ElementType.Float16 => 1.0 / (1 << 14),
        ElementType.BFloat16 or ElementType.Float32 => 1.17549435e-38,
        ElementType.Float64 => 2.2250738585072014e-308,
        _ => null,
    };
}

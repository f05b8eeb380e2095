using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary><c>If(c) { then } else { other }</c> → the layers of the branch that a constant c chooses. The branch must know its results as well as the layer does.</summary>
public sealed class InlineIf : Rule<If>
{
    /// <inheritdoc/>
    public override string Name => "inline-if";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(If op, Layer layer, RewriteContext context)
    {
        if (layer.Inputs[0]!.Constant is not { Count: 1 } condition) return null;
        var body = condition.Materialize().Bytes.Span[0] != 0 ? op.Then : op.Else;
        if (layer.Outputs.Index().Any(o => o.Item is not null && !Knowledge.CanReplace(o.Item.Type, body.Outputs[o.Index].Value.Type))) return null;

        var patch = context.NewPatch(Name);
        var values = new Dictionary<Value, Value>(ReferenceEqualityComparer.Instance);
        foreach (var (input, operand) in body.Inputs.Zip(layer.Inputs.Skip(1)))
        {
            if (!Knowledge.CanReplace(input.Type, operand!.Type)) return null;
            values[input] = patch.Tap(operand);
        }
        foreach (var constant in body.Constants) values[constant] = patch.Constant(constant.Constant!, constant.Name);
        foreach (var inner in body.Layers)
        {
            var specs = inner.Outputs.Select(o => o is null ? (OutputSpec?)null : new OutputSpec(o.Name, o.Type)).ToArray();
            var added = patch.Add(inner.Operator, [.. inner.Inputs.Select(i => i is null ? null : values[i])], specs, inner.Name);
            foreach (var (old, output) in inner.Outputs.Zip(added.Outputs))
            {
                if (old is not null) values[old] = output!;
            }
        }
        foreach (var constraint in body.Constraints) patch.Constrain(constraint);
        foreach (var (i, output) in layer.Outputs.Index())
        {
            if (output is not null) patch.Replace(output, values[body.Outputs[i].Value]);
        }
        return patch;
    }
}

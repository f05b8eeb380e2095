using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>f(Expand(x), y)</c> → <c>f(x, y)</c>, where f broadcasts its operands itself and its result keeps its shape: the other operands have every dimension
/// that x lacks.
/// </summary>
public sealed class DropExpand : IRule
{
    /// <inheritdoc/>
    public string Name => "drop-expand";

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Arithmetic or Comparison or Logical or Variadic or Where or Pow) || layer.Outputs is not [{ } output] || output.TensorType.Shape is not { } shape) return null;
        foreach (var (i, operand) in layer.Inputs.Index())
        {
            if (operand!.Producer is not { Operator: Expand } expand || expand.Inputs[0]!.TensorType.Shape is not { } narrow) continue;
            var others = layer.Inputs.Where((_, at) => at != i).Select(o => o!.TensorType.Shape).Append(narrow).ToArray();
            if (!Gives(shape, others)) continue;
            var patch = context.NewPatch(Name);
            Value?[] operands = [.. layer.Inputs.Select((o, at) => patch.Tap(at == i ? expand.Inputs[0]! : o!))];
            patch.Replace(output, patch.Add(layer.Operator, operands, [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
            return patch;
        }
        return null;
    }

    // Dimensions count from the last; the others of a place are 1 or equal.
    private static bool Gives(Shape result, Shape?[] operands) => operands.All(o => o is not null) && operands.Max(o => o!.Rank) == result.Rank && Enumerable.Range(1, result.Rank).All(back =>
        result[result.Rank - back].Is(1) || operands.Any(o => o!.Rank >= back && o[o.Rank - back].Equals(result[result.Rank - back])));
}

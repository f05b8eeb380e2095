using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>What a Slice or Split takes out of a Concat along its axis → the operand of the Concat that lies between the same bounds. Extents must be known.</summary>
public sealed class TakePieces : IRule
{
    /// <inheritdoc/>
    public string Name => "take-pieces";

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Slice or Split) || layer.Inputs[0]!.Producer is not { Operator: Concat concat } joined || layer.Inputs[0]!.TensorType.Rank is not { } rank) return null;
        var patch = context.NewPatch(Name);
        int axis = Piece.Normal(concat.Axis, rank), taken = 0;
        if (Piece.OfConcat(joined, axis) is not { } parts) return null;
        foreach (var output in layer.Outputs.OfType<Value>())
        {
            if (context.Uses(output) == 0 || Piece.Of(output) is not { } piece || piece.Axis != axis) continue;
            if (parts.FirstOrDefault(p => p.Begin.Equals(piece.Begin) && p.End.Equals(piece.End)).Operand is not { } operand || !Knowledge.CanReplace(output.Type, operand.Type)) continue;
            patch.Replace(output, patch.Tap(operand));
            taken++;
        }
        return taken > 0 ? patch : null;
    }
}

using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>Transpose(Transpose(x, p), q)</c> → <c>Transpose(x, p∘q)</c>: dimension i of the result is dimension <c>p[q[i]]</c> of x. A permutation
/// that leaves all dimensions in place goes. The rank must be known.
/// </summary>
public sealed class MergeTransposes : Rule<Transpose>
{
    /// <inheritdoc/>
    public override string Name => "merge-transposes";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Transpose op, Layer layer, RewriteContext context)
    {
        if (layer.Outputs is not [{ } output] || layer.Inputs[0]!.TensorType.Rank is not { } rank) return null;
        var (source, perm) = (layer.Inputs[0]!, Permutation(op, rank));
        bool merges = source.Producer?.Operator is Transpose;
        if (source.Producer is { Operator: Transpose inner } first)
        {
            var innerPerm = Permutation(inner, rank);
            (source, perm) = (first.Inputs[0]!, [.. perm.Select(p => innerPerm[(int)p])]);
        }
        if (perm.SequenceEqual(Enumerable.Range(0, rank).Select(i => (long)i))) return context.Forward(Name, layer, source);
        if (!merges) return null;
        var patch = context.NewPatch(Name);
        patch.Replace(output, patch.Add(new Transpose { Perm = perm }, [patch.Tap(source)], [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;
    }

    private static ImmutableArray<long> Permutation(Transpose op, int rank) => op.Perm.IsEmpty ? [.. Enumerable.Range(0, rank).Reverse().Select(i => (long)i)] : op.Perm;
}

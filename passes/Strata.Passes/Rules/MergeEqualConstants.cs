using Strata.Networks;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>const a = v; const b = v</c> → <c>b = a</c>, where types (quantisation included) and elements agree bit for bit. Elements are
/// read only of constants that share their type with another.
/// </summary>
public sealed class MergeEqualConstants : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "merge-equal-constants";

    /// <inheritdoc/>
    public override string Summary => "keep one of constants with equal type and elements";

    /// <inheritdoc/>
    protected override IEnumerable<NetworkPatch> Sweep(RewriteContext context)
    {
        foreach (var group in context.Network.Constants.GroupBy(c => c.Type.ToString(), StringComparer.Ordinal))
        {
            if (group.Skip(1).FirstOrDefault() is null) continue;
            var first = new Dictionary<ContentHash, Value>();
            foreach (var value in group)
            {
                if (first.TryAdd(value.Constant!.Hash, value)) continue;
                var patch = context.NewPatch(Name);
                patch.Replace(value, patch.Tap(first[value.Constant.Hash]));
                yield return patch;
            }
        }
    }
}

using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>Transpose(f(Transpose(x, p)), p⁻¹)</c> → <c>f′(x)</c>, over whole regions: layers that work in any layout compute in that of x, where fewer
/// transposes are left so. Elementwise layers (constants are transposed), Clip, Cast, Softmax, Concat, Split, Slice and Pad by constants, quantisation
/// by one scale and back, and reductions and Resize that meet the elements in the same order. Values that others need are transposed for them; operands in the old layout are transposed.
/// The rank must be known.
/// </summary>
public sealed class CancelTransposes : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "cancel-transposes";

    /// <inheritdoc/>
    public override string Summary => "compute between transposes that undo each other without them";

    /// <inheritdoc/>
    protected override IEnumerable<NetworkPatch> Sweep(RewriteContext context)
    {
        var users = new Lazy<Dictionary<Value, List<Layer>>>(() => Users(context));
        var permutations = context.Network.Layers.Where(context.IsLive).Select(Permutation.Of).OfType<Permutation>().Distinct().ToArray();
        foreach (bool strict in new[] { false, true })
        {
            bool found = false;
            foreach (var permutation in permutations)
            {
                foreach (var region in LayoutRegion.Find(context, users.Value, permutation, strict))
                {
                    if (region.Patch(Name) is not { } patch) continue;
                    found = true;
                    yield return patch;
                }
            }
            if (found) yield break;
        }
    }

    private static Dictionary<Value, List<Layer>> Users(RewriteContext context)
    {
        var users = new Dictionary<Value, List<Layer>>(ReferenceEqualityComparer.Instance);
        foreach (var layer in context.Network.Layers.Where(context.IsLive))
        {
            foreach (var operand in layer.Inputs.OfType<Value>().Distinct())
            {
                if (!users.TryGetValue(operand, out var list)) users[operand] = list = [];
                list.Add(layer);
            }
        }
        return users;
    }
}

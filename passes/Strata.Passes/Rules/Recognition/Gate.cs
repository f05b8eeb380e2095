using Strata.Networks;

namespace Strata.Passes.Rules.Recognition;

/// <summary>A result that is arithmetic in x and in g, where g is a function of what is arithmetic in x.</summary>
/// <param name="X">The operand of the whole.</param>
/// <param name="G">The result of the function.</param>
/// <param name="Inner">The argument of the function, in x.</param>
/// <param name="Outer">The whole, in x and g.</param>
/// <param name="Expansion">Expands further values in x and g.</param>
/// <param name="Region">All layers of it.</param>
internal sealed record Gate(Value X, Value G, Polynomial Inner, Polynomial Outer, Expansion Expansion, Region Region)
{
    /// <summary>All ways to see the result of a layer so; the function gives the argument of a gate and counts its layers to the region.</summary>
    public static IEnumerable<Gate> Find(Layer root, RewriteContext context, Func<Value, Region, Value?> argumentOf)
    {
        if (root.Outputs is not [{ } result]) yield break;
        foreach (var g in Expansion.Reach(result))
        {
            if (argumentOf(g, new(root, context)) is not { } argument) continue;
            foreach (var x in Expansion.Reach(argument))
            {
                var region = new Region(root, context);
                argumentOf(g, region);
                var expansion = new Expansion(region, x, g);
                var gate = new Gate(x, g, expansion.Of(argument), expansion.Of(result), expansion, region);
                if (expansion.KeepsShapeOf(x)) yield return gate;
            }
        }
    }
}

using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Limits elements to [min, max]: <c>min(max(x, least), most)</c>, so that <c>most</c> wins where the bounds cross.
/// Operands: x, then the least and the greatest value, each a scalar of x's type and optional. NaN stays NaN.
/// </summary>
public sealed record Clip : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 3);
        context.Allow(0, "floating point or integer", static t => t.IsFloat() || t.IsInteger());
        var x = context.Input(0);
        for (int i = 1; i < 3; i++)
        {
            if (!context.Has(i)) continue;
            context.Allow(i, x.ElementType.Name(), t => t == x.ElementType);
            if (context.Input(i).Shape is { } bound && bound.Count.Constant is { } count && count != 1)
                throw context.Fail($"{(i == 1 ? "min" : "max")} must be a scalar, has shape {bound}");
        }
        context.Output(0, x.ElementType, x.Shape);
    }
}

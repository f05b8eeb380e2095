using Strata.Networks;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>What rules ask of the values they look at.</summary>
public static class Match
{
    /// <summary>The one element of a floating-point or integer constant (of any rank), or null. Larger constants are not read.</summary>
    public static double? Scalar(Value? value) => value?.Constant is { Count: 1, Type.ElementType: var type } constant && (type.IsFloat() || type.IsInteger())
        ? constant.Materialize().ToDoubles()[0]
        : null;

    /// <summary>
    /// True when the value is a constant of one element that equals <paramref name="expected"/> as closely as its element type and
    /// an exporter's decimal digits allow: within one unit in the last place of the type, or 1e-6 of the number.
    /// </summary>
    public static bool IsScalar(Value? value, double expected) =>
        Scalar(value) is { } actual && (actual == expected || Math.Abs(actual - expected) <= Math.Abs(expected) * Math.Max(1e-6, UnitOf(value!)));

    /// <summary>For a layer with two operands in either order, one of them a constant of one element: the other, and the element.</summary>
    public static (Value Other, double Scalar)? WithScalar(Layer layer)
    {
        if (layer.Inputs is not [{ } a, { } b]) return null;
        if (Scalar(b) is { } right) return (a, right);
        return Scalar(a) is { } left ? (b, left) : null;
    }

    /// <summary>The elements of an integer constant of at most <see cref="Limits.InlineElements"/> elements, or null.</summary>
    public static long[]? Ints(Value? value) => value?.Constant is { Count: <= Limits.InlineElements, Type.ElementType: ElementType.Int64 or ElementType.Int32 } constant
        ? [.. constant.Materialize().ToInt64s()]
        : null;

    /// <summary>The layer that computes a value, where it has the operator and nothing else uses the value.</summary>
    public static Layer? Sole<TOperator>(Value? value, RewriteContext context) where TOperator : Operator =>
        value?.Producer is { Operator: TOperator } producer && context.Uses(value) == 1 ? producer : null;

    // Distance of neighbouring numbers relative to their size.
    private static double UnitOf(Value value) => value.TensorType.ElementType switch
    {
        ElementType.Float16 => 1.0 / 1024,
        ElementType.BFloat16 => 1.0 / 128,
        _ => 0,
    };
}

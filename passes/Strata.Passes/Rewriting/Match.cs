using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>What rules ask of the values they look at.</summary>
public static class Match
{
    /// <summary>The one element of a floating-point or integer constant (of any rank), or null. Larger constants are not read.</summary>
    public static double? Scalar(Value? value) => value?.Constant is { Count: 1, Type.ElementType: var type } constant && (type.IsFloat() || type.IsInteger())
        ? constant.Materialize().ToDoubles()[0]
        : null;

    /// <summary>True when the value is a constant of one element that <see cref="IsNear">is near</see> a number.</summary>
    public static bool IsScalar(Value? value, double expected) => Scalar(value) is { } actual && IsNear(actual, expected, value!.TensorType.ElementType);

    /// <summary>
    /// True when a number equals <paramref name="expected"/> as closely as an element type and an exporter's decimal digits allow:
    /// within one unit in the last place of the type, or 1e-6 of the number.
    /// </summary>
    public static bool IsNear(double actual, double expected, ElementType type) =>
        actual == expected || Math.Abs(actual - expected) <= Math.Abs(expected) * Math.Max(1e-6, UnitOf(type));

    /// <summary>A number as an attribute, where rounding it to f32 loses no more than the element type does; else null.</summary>
    public static float? Attribute(double number, ElementType type) => type != ElementType.Float64 || (float)number == number ? (float)number : null;

    /// <summary>The number that every element of a real or bool constant (1 for true) of at most <see cref="Limits.InlineElements"/> elements has, bit for bit; else null.</summary>
    public static double? Uniform(Value? value)
    {
        if (value?.Constant is not { Count: > 0 and <= Limits.InlineElements, Type.ElementType: var type } constant || type.Kind() is ElementKind.String or ElementKind.Complex) return null;
        var elements = constant.Materialize().ToDoubles();
        long bits = BitConverter.DoubleToInt64Bits(elements[0]);
        return elements.All(e => BitConverter.DoubleToInt64Bits(e) == bits) ? elements[0] : null;
    }

    /// <summary>True when a layer's first output is known to have the shape of one of its operands: their shapes are equal, or all other operands are scalars.</summary>
    public static bool KeepsShapeOf(Layer layer, int operand) =>
        SameShape(layer.Outputs[0]!, layer.Inputs[operand]!) || layer.Inputs.Index().All(i => i.Index == operand || i.Item?.Type is null or TensorType { Rank: 0 });

    /// <summary>True when two values are known to have the same shape.</summary>
    public static bool SameShape(Value a, Value b) => a.TensorType.Shape is { } shape && shape.Equals(b.TensorType.Shape);

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

    /// <summary>The axes that a reduction runs over, ascending, where they and the rank of its operand are known; else null.</summary>
    public static int[]? Axes(Layer reduction)
    {
        if (reduction.Inputs[0]!.TensorType.Rank is not { } rank) return null;
        long[]? axes = reduction.Inputs.Length < 2 || reduction.Inputs[1] is null ? [] : Ints(reduction.Inputs[1]);
        if (axes is []) return reduction.Operator is Reduction { NoopWithEmptyAxes: true } ? [] : [.. Enumerable.Range(0, rank)];
        return axes is null || axes.Any(a => a < -rank || a >= rank) ? null : [.. axes.Select(a => (int)(a < 0 ? a + rank : a)).Distinct().Order()];
    }

    /// <summary>The layer that computes a value, where it has the operator and nothing else uses the value.</summary>
    public static Layer? Sole<TOperator>(Value? value, RewriteContext context) where TOperator : Operator =>
        value?.Producer is { Operator: TOperator } producer && context.Uses(value) == 1 ? producer : null;

    // Distance of neighbouring numbers relative to their size.
    private static double UnitOf(ElementType type) => type switch
    {
        ElementType.Float16 => 1.0 / 1024,
        ElementType.BFloat16 => 1.0 / 128,
        _ => 0,
    };
}

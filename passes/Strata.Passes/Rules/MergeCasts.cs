using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>Cast(Cast(x, a), b)</c> → <c>Cast(x, b)</c>, or <c>x</c>, where a holds every value of x's type, and b is read from x as it is from a. Real
/// types of 16 and more bits, all integers of 8 and more bits, and bool.
/// </summary>
public sealed class MergeCasts : Rule<Cast>
{
    /// <inheritdoc/>
    public override string Name => "merge-casts";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Cast op, Layer layer, RewriteContext context)
    {
        if (layer.Inputs[0]!.Producer is not { Operator: Cast } first || first.Inputs[0] is not { } x || layer.Outputs is not [{ } output] || op.To is not { } to) return null;
        ElementType from = x.TensorType.ElementType, between = layer.Inputs[0]!.TensorType.ElementType;
        if (!Holds(between, from) || Digits(to) is null) return null;
        if (from == to) return context.Forward(Name, layer, x);
        // Integers wrap; floats beyond an integer's range convert otherwise.
        if (!from.IsFloat() && between.IsFloat() && to.IsInteger() && !Holds(to, from)) return null;
        var patch = context.NewPatch(Name);
        patch.Replace(output, patch.Add(op, [patch.Tap(x)], [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;
    }

    private static bool Holds(ElementType wide, ElementType narrow) => Digits(wide) is var (digits, exponent, negative) && Digits(narrow) is var (needed, range, sign)
        && (wide.IsFloat() || !narrow.IsFloat()) && digits >= needed && exponent >= range && (negative || !sign);

    // Significant bits, the largest exponent, and whether there are negative values.
    private static (int Digits, int Exponent, bool Negative)? Digits(ElementType type) => type switch
    {
        ElementType.Bool => (1, 1, false),
        ElementType.Float16 => (11, 16, true),
        ElementType.BFloat16 => (8, 128, true),
        ElementType.Float32 => (24, 128, true),
        ElementType.Float64 => (53, 1024, true),
        _ when !type.IsInteger() || type.IsPacked() => null,
        _ when type.Kind() == ElementKind.Signed => (type.Bits() - 1, type.Bits(), true),
        _ => (type.Bits(), type.Bits(), false),
    };
}

using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules.Recognition;

/// <summary>Scales and shifts of normalisations as operands of the dimensions that the operators want.</summary>
internal static class Affine
{
    /// <summary>
    /// The operand that holds a number times at most one value, which must broadcast to <paramref name="aligned"/> (compared from the last
    /// dimension), under the dimensions <paramref name="dims"/>; null where it does not, or where a computed value would need work.
    /// </summary>
    public static Value? Operand(NetworkPatch patch, Term term, ElementType type, string name, int[] aligned, int[] dims)
    {
        if (term.Powers.IsEmpty) return patch.Constant(Filled(type, term.Coefficient, dims), name);
        var value = term.Powers.Keys.Single();
        if (value.Constant is not { } constant) return term.Coefficient == 1 && aligned.SequenceEqual(dims) && value.TensorType.Shape?.Constant is { } known && known.SequenceEqual(dims) ? patch.Tap(value) : null;
        int[] own = [.. constant.Dims.ToArray().SkipWhile(static d => d == 1)];
        if (own.Length > aligned.Length || own.Where((d, i) => d != 1 && d != aligned[aligned.Length - own.Length + i]).Any()) return null;
        if (term.Coefficient == 1 && constant.Dims.SequenceEqual(dims)) return patch.Tap(value);
        if (term.Coefficient != 1) constant = ConstantExpressions.Apply(new Mul(), constant, Filled(type, term.Coefficient));
        if (constant.Count != aligned.Aggregate(1, static (a, b) => a * b)) constant = ConstantExpressions.Apply(new Expand(), constant, Target(aligned));
        return patch.Constant(constant.Dims.SequenceEqual(dims) ? constant : ConstantExpressions.Apply(new Reshape { AllowZero = true }, constant, Target(dims)), value.Name);
    }

    /// <summary>A tensor of one number.</summary>
    public static Constant Filled(ElementType type, double number, params int[] dims) => Constant.Of(Tensor.FromDoubles(type, dims, [.. Enumerable.Repeat(number, dims.Aggregate(1, static (a, b) => a * b))]));

    private static Constant Target(int[] dims) => Constant.Of(Tensor.Vector<long>([.. dims.Select(d => (long)d)]));
}

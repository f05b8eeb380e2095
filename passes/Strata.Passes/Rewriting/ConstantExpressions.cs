using Strata.Networks;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>
/// Constants computed from constants: what passes use to transpose, scale or slice weights. Nothing is read when the
/// expression is made; encoder and planner evaluate it, by the operator's reference evaluation, one layer at a time.
/// </summary>
public static class ConstantExpressions
{
    /// <summary>The constant <c>op(operands)</c>, where the operator has one tensor output.</summary>
    /// <exception cref="InvalidNetworkException">The operator's rules are broken, or do not give a constant shape.</exception>
    public static Constant Apply(Operator op, params IReadOnlyList<Constant?> operands)
    {
        var builder = new NetworkBuilder("expression");
        var result = builder.Add(op, [.. operands.Select(o => o is null ? null : builder.Constant(o))]);
        return Deferred(op, operands, 0, [result.Type]);
    }

    /// <summary>
    /// The constant that is one output of <c>op(operands)</c>, all of whose output types are known; evaluated at once where the
    /// expression takes more than <see cref="DeferredConstant.MostEvaluations"/>.
    /// </summary>
    public static Constant Deferred(Operator op, IReadOnlyList<Constant?> operands, int output, IReadOnlyList<NetworkType?> types)
    {
        var type = types[output] as TensorType ?? throw new InvalidNetworkException($"{op}: output {output} is {types[output]}; a constant is a tensor");
        var deferred = new DeferredConstant(op, operands, type, (o, values) => (Tensor)Evaluate(o, values, types)[output]!);
        // Expressions over expressions nest without end where a model does.
        return deferred.Evaluations <= DeferredConstant.MostEvaluations ? deferred : Constant.Of(deferred.Materialize()).WithQuantization(type.Quantization);
    }

    /// <summary>Evaluates an operator without bodies.</summary>
    /// <exception cref="UnsupportedOperatorException">The operator has no reference evaluation in this build.</exception>
    public static IReadOnlyList<RuntimeValue?> Evaluate(Operator op, IReadOnlyList<Tensor?> operands, IReadOnlyList<NetworkType?> types)
    {
        var evaluate = ReferenceEvaluations.Find(op) ?? throw new UnsupportedOperatorException($"operator {op} has no reference evaluation in this build");
        return evaluate(op, new ReferenceContext(operands, types, static (_, _) => throw new InvalidNetworkException("a constant expression has no bodies")));
    }
}

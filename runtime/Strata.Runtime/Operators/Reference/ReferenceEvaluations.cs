using System.Diagnostics.CodeAnalysis;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Computes the outputs of an operator on concrete inputs, slowly and plainly: the oracle for everything fast.</summary>
public delegate IReadOnlyList<RuntimeValue?> ReferenceEvaluation(Operator op, ReferenceContext context);

/// <summary>
/// Binds operators to their reference evaluations. Switched by the feature <c>Strata.ReferenceOperators</c> (default on):
/// when off, trimming removes all of them.
/// </summary>
public static partial class ReferenceEvaluations
{
    private static readonly Lazy<Dictionary<Type, ReferenceEvaluation>> Standard = new(Build);

    /// <summary>True unless switched off in the application's project file.</summary>
    [FeatureSwitchDefinition("Strata.ReferenceOperators")]
    public static bool AreIncluded => !AppContext.TryGetSwitch("Strata.ReferenceOperators", out bool on) || on;

    /// <summary>The evaluation of an operator, or null when it has none.</summary>
    public static ReferenceEvaluation? Find(Operator op) => AreIncluded ? Standard.Value.GetValueOrDefault(op.GetType()) : null;

    /// <summary>Evaluates an operator without bodies on tensors and returns its first output: what deferred constants use.</summary>
    public static Tensor Evaluate(Operator op, IReadOnlyList<Tensor?> inputs)
    {
        var evaluation = Find(op) ?? throw new UnsupportedOperatorException($"operator {op} has no reference evaluation in this build");
        var context = new ReferenceContext(inputs, [new TensorType(ElementType.Float32, null)], static (_, _) => throw new InvalidNetworkException("a constant expression has no bodies"));
        return (Tensor)evaluation(op, context)[0]!;
    }

    private static Dictionary<Type, ReferenceEvaluation> Build()
    {
        var table = new Dictionary<Type, ReferenceEvaluation>();
        AddAll(table);
        return table;
    }

    private static void One<T>(Dictionary<Type, ReferenceEvaluation> table, Func<T, ReferenceContext, RuntimeValue> evaluate) where T : Operator
        => table.Add(typeof(T), (op, context) => [evaluate((T)op, context)]);

    private static void Many<T>(Dictionary<Type, ReferenceEvaluation> table, Func<T, ReferenceContext, IReadOnlyList<RuntimeValue?>> evaluate) where T : Operator
        => table.Add(typeof(T), (op, context) => evaluate((T)op, context));
}

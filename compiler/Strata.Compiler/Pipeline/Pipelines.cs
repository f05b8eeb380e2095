using Strata.Passes;
using Strata.Passes.Rules;

namespace Strata.Compiler.Pipeline;

/// <summary>Which passes run, in which order.</summary>
public static class Pipelines
{
    /// <summary>What every compile runs unless it preserves the model: changes no bit of any output.</summary>
    public static IReadOnlyList<IPass> Default { get; } =
    [
        new FoldConstants(),
        new RulePass("simplify", "remove layers that change nothing and merge those that undo each other",
            new RemoveIdentity(),
            new RemoveSameCast(),
            new RemoveSameReshape(),
            new MergeTransposes(),
            new MergeReshapes()),
        new MergeEqualConstants(),
        new EliminateCommonSubexpressions(),
        new RemoveDeadLayers(),
    ];
}

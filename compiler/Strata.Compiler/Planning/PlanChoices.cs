using Strata.Passes;

namespace Strata.Compiler.Planning;

/// <summary>The ways to store a weight that sensitivity is measured for and that budgets choose from, narrowest last.</summary>
internal static class PlanChoices
{
    /// <summary>All but keeping the weight as it is.</summary>
    public static IReadOnlyList<WeightScheme> All { get; } =
    [
        Of("f16", WeightGroups.Channel),
        Of("f13", WeightGroups.Channel),
        Of("int8", new(32)),
        Of("int8", WeightGroups.Channel),
        Of("int6", WeightGroups.Channel),
        Of("int5", WeightGroups.Channel),
        Of("int5", new(32)),
        Of("int4", new(32)),
        Of("int4", WeightGroups.Channel),
        Of("int3", new(16)),
        Of("int3", new(32)),
        Of("int2", new(16)),
        Of("int2", new(32)),
    ];

    private static WeightScheme Of(string format, WeightGroups groups) => new(WeightFormat.Find(format)!, groups);
}

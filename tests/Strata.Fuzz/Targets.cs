using Strata.Tests.Oracles;

namespace Strata.Fuzz;

/// <summary>Everything that can be fuzzed.</summary>
internal static class Targets
{
    public static IReadOnlyList<FuzzTarget> All(PlainTables tables) => [new ContainerTarget(tables), new SymbolsTarget(tables), new QuantizationTarget(tables), new LoadTarget(tables)];

    /// <summary>What takes about a second, or two.</summary>
    public static long ShortExecutions(FuzzTarget target) => target switch
    {
        LoadTarget => 5_000,
        _ => 20_000,
    };
}

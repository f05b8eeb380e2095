namespace Strata.Compiler.Planning;

/// <summary>What a compile may cost: widths are chosen for each weight so that the outputs are hurt least within it. What is null is not bounded.</summary>
/// <param name="MaxBytes">Most bytes of the file.</param>
/// <param name="MaxBitsPerWeight">Most bits that the weights of the model take in the file, divided by their number; scales count.</param>
/// <param name="MaxError">The largest error of every output over its largest magnitude; alone, the smallest file within it is looked for.</param>
public sealed record WeightBudget(long? MaxBytes = null, double? MaxBitsPerWeight = null, double? MaxError = null);

/// <summary>A budget that no choice of widths keeps.</summary>
/// <param name="message">What was asked for, and what comes nearest.</param>
/// <param name="nearestBytes">Bytes of the file that comes nearest.</param>
public sealed class BudgetNotReachableException(string message, long nearestBytes) : StrataException(message)
{
    /// <summary>Bytes of the file that comes nearest.</summary>
    public long NearestBytes => nearestBytes;
}

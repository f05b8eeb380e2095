namespace Strata.Cli;

/// <summary>What the process returns. The numbers are part of the interface.</summary>
internal static class ExitCode
{
    public const int Ok = 0, Unexpected = 1, Usage = 2, InvalidInput = 3, Unsupported = 4, FidelityMissed = 5, BudgetNotReachable = 6, ResourceLimit = 7, Cancelled = 130;

    /// <summary>The code of an error.</summary>
    public static int Of(Exception error) => error switch
    {
        UsageException or InvalidOptionException or UnauthorizedAccessException => Usage,
        UnsupportedOperatorException => Unsupported,
        Strata.Compiler.Planning.BudgetNotReachableException => BudgetNotReachable,
        ResourceLimitException or OutOfMemoryException => ResourceLimit,
        StrataException => InvalidInput,
        OperationCanceledException => Cancelled,
        _ => Unexpected,
    };
}

/// <summary>A command line that cannot be carried out as it stands.</summary>
internal sealed class UsageException(string message) : Exception(message);

namespace Strata.Execution;

/// <summary>Bounds of one run.</summary>
public sealed record RunOptions
{
    /// <summary>No bounds.</summary>
    public static RunOptions Default { get; } = new();

    /// <summary>Stops the run between layers.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Most layers that the run may evaluate, those of bodies counted each time: an untrusted Loop must end.</summary>
    public long MaxSteps { get; init; } = long.MaxValue;
}

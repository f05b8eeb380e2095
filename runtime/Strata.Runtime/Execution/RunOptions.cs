using Strata.Networks;

namespace Strata.Execution;

/// <summary>Bounds of one run.</summary>
public sealed record RunOptions
{
    /// <summary>The default bounds.</summary>
    public static RunOptions Default { get; } = new();

    /// <summary>Stops the run, also within a layer that takes long.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Is told each layer of the model's network when it has been computed; of layers computed together, the last.</summary>
    public IProgress<Layer>? Progress { get; init; }

    /// <summary>Most layers that the run may evaluate, those of bodies counted each time: an untrusted Loop must end.</summary>
    public long MaxSteps { get; init; } = long.MaxValue;

    /// <summary>
    /// Most bytes that the values computed by layers may occupy at a time. A layer's outputs count before they are allocated.
    /// Inputs and constants do not count, nor do an evaluation's temporary copies of its operands and outputs.
    /// </summary>
    public long MaxMemory { get; init; } = Limits.DefaultMaxMemory;
}

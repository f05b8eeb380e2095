namespace Strata.Execution;

/// <summary>How a model is loaded and run.</summary>
public sealed record LoadOptions
{
    /// <summary>Most bytes that the model's constants may occupy in memory.</summary>
    public long MaxMemory { get; init; } = Limits.DefaultMaxMemory;

    /// <summary>Most threads that loading and each run use; by default every processor that the process may use.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>True to run every layer by its reference evaluation, slowly and plainly: for finding out whether a kernel is at fault.</summary>
    public bool ReferenceOnly { get; init; }
}

/// <summary>How far loading has come.</summary>
/// <param name="BytesLoaded">Bytes of constants in memory and verified.</param>
/// <param name="TotalBytes">Bytes of all constants.</param>
public readonly record struct LoadProgress(long BytesLoaded, long TotalBytes);

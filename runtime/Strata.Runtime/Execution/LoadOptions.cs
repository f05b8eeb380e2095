namespace Strata.Execution;

/// <summary>Bounds of loading a model.</summary>
public sealed record LoadOptions
{
    /// <summary>Most bytes that the model's constants may occupy in memory.</summary>
    public long MaxMemory { get; init; } = Limits.DefaultMaxMemory;

    /// <summary>Most threads that loading uses; by default every processor that the process may use.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>How far loading has come.</summary>
/// <param name="BytesLoaded">Bytes of constants in memory and verified.</param>
/// <param name="TotalBytes">Bytes of all constants.</param>
public readonly record struct LoadProgress(long BytesLoaded, long TotalBytes);

using System.Collections.Immutable;

namespace Strata.Compiler;

/// <summary>How a model is compiled.</summary>
public sealed record CompileOptions
{
    /// <summary>Values for symbolic dimensions, by name.</summary>
    public ImmutableDictionary<string, long> Dims { get; init; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>Also stores the ONNX model itself, so that decoding gives back the same nodes, names, metadata and byte-equal initializers.</summary>
    public bool Preserve { get; init; }

    /// <summary>Decodes the result and measures it against the model.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>Seed of the random inputs that verification runs where the decoded network is not identical to the imported one.</summary>
    public ulong Seed { get; init; }

    /// <summary>Most threads to use.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>What a compile is doing.</summary>
/// <param name="Stage">The stage: <c>import</c>, <c>encode</c>, <c>verify</c>.</param>
/// <param name="Fraction">How much of the stage is done, 0 to 1, where that is known.</param>
public readonly record struct CompileProgress(string Stage, double? Fraction = null);

using System.Collections.Immutable;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>How a model is imported.</summary>
public sealed record ImportOptions
{
    /// <summary>The model as it stands.</summary>
    public static ImportOptions Default { get; } = new();

    /// <summary>Values for symbolic dimensions, by name (<c>--dim batch=1</c>).</summary>
    public ImmutableDictionary<string, long> Dims { get; init; } = ImmutableDictionary<string, long>.Empty;
}

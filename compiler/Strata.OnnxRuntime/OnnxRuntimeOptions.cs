namespace Strata.OnnxRuntime;

/// <summary>How far ONNX Runtime may rewrite the graph before it runs it.</summary>
public enum OnnxRuntimeOptimization
{
    /// <summary>The graph as given.</summary>
    None,
    /// <summary>Rewrites that keep the meaning of each operator: folding, removal of what has no effect.</summary>
    Basic,
    /// <summary>Also fusions into operators of its own.</summary>
    Extended,
    /// <summary>Also memory layouts; what its users get by default.</summary>
    All,
}

/// <summary>How a session runs.</summary>
public sealed record OnnxRuntimeOptions
{
    /// <summary>Threads within an operator; operators run one after another. Zero leaves the number to ONNX Runtime.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// Rewrites constant signed 8-bit weights so that sums of their products are exact. Otherwise x64 processors without VNNI add pairs of
    /// products of unsigned and signed bytes in 16 bits, which saturate.
    /// </summary>
    public bool ExactByteProducts { get; init; }

    /// <summary>How far the graph may be rewritten.</summary>
    public OnnxRuntimeOptimization Optimization { get; init; } = OnnxRuntimeOptimization.All;
}

namespace Strata.OnnxRuntime;

/// <summary>ONNX Runtime would not load the model or run it; the message is its own.</summary>
public sealed class OnnxRuntimeRefusedException : Exception
{
    internal OnnxRuntimeRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

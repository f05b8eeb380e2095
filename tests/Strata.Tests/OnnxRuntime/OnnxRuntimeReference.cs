#if HAVE_ONNXRUNTIME
using Strata.Cli.Bench;
using Strata.Networks;
using Strata.OnnxRuntime;
using Strata.Tensors;

namespace Strata.Tests.OnnxRuntime;

/// <summary>A model in ONNX Runtime that takes and gives our values.</summary>
internal sealed class OnnxRuntimeReference : IDisposable
{
    private readonly OnnxRuntimeSession session;

    public OnnxRuntimeReference(string path, OnnxRuntimeOptimization optimization = OnnxRuntimeOptimization.All) => session = new(path, new OnnxRuntimeOptions { Optimization = optimization });

    public OnnxRuntimeReference(byte[] model, OnnxRuntimeOptimization optimization = OnnxRuntimeOptimization.All) => session = new(model, new OnnxRuntimeOptions { Optimization = optimization });

    /// <summary>Runs the model on values in the order of a network's inputs; the results are in the order of its outputs.</summary>
    public IReadOnlyList<RuntimeValue> Run(Network network, IReadOnlyList<RuntimeValue?> inputs)
    {
        // An input that the model does without is not one of its session's.
        var given = network.Inputs.Zip(inputs).Where(p => session.InputNames.Contains(p.First.Name)).ToDictionary(p => p.First.Name, p => OnnxRuntimeValues.ToNative(p.Second!));
        var results = session.Run(given);
        return [.. network.Outputs.Select(o => OnnxRuntimeValues.FromNative(results[o.Name]))];
    }

    public void Dispose() => session.Dispose();
}
#endif

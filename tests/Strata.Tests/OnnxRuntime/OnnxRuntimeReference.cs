#if HAVE_ONNXRUNTIME
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
        var given = network.Inputs.Zip(inputs).Where(p => session.InputNames.Contains(p.First.Name)).ToDictionary(p => p.First.Name, p => ToNative(p.Second!));
        var results = session.Run(given);
        return [.. network.Outputs.Select(o => FromNative(results[o.Name]))];
    }

    public void Dispose() => session.Dispose();

    private static OnnxRuntimeValue ToNative(RuntimeValue value) => value switch
    {
        Tensor { ElementType: ElementType.String } strings => new OnnxRuntimeStrings(Dims(strings), strings.Strings.ToArray()),
        Tensor tensor => new OnnxRuntimeTensor((int)tensor.ElementType, Dims(tensor), tensor.Bytes.ToArray()),
        SequenceValue sequence => new OnnxRuntimeSequence([.. sequence.Items.Select(ToNative)]),
        MapValue { Keys: var keys, Values: var values } => new OnnxRuntimeMap(ToNative(keys), ToNative(Joined(values))),
        _ => throw new NotSupportedException($"ONNX Runtime is not given values of kind {value.GetType().Name}"),
    };

    private static RuntimeValue FromNative(OnnxRuntimeValue value) => value switch
    {
        OnnxRuntimeStrings strings => Tensor.FromStrings(Dims(strings.Dims), strings.Data),
        OnnxRuntimeTensor tensor => Tensor.FromBytes((ElementType)tensor.ElementType, Dims(tensor.Dims), tensor.Data),
        OnnxRuntimeSequence sequence => new SequenceValue([.. sequence.Items.Select(FromNative)]),
        OnnxRuntimeMap map => new MapValue((Tensor)FromNative(map.Keys), [.. ((Tensor)FromNative(map.Values)).ToDoubles().Select(v => (RuntimeValue)Tensor.Scalar((float)v))]),
        _ => throw new NotSupportedException($"values of kind {value.GetType().Name} are not read from ONNX Runtime"),
    };

    private static Tensor Joined(IReadOnlyList<RuntimeValue> scalars) => scalars[0] is Tensor { ElementType: ElementType.String }
        ? Tensor.FromStrings([scalars.Count], [.. scalars.Select(s => ((Tensor)s).Strings[0])])
        : Tensor.FromDoubles(((Tensor)scalars[0]).ElementType, [scalars.Count], [.. scalars.Select(s => ((Tensor)s).ToDoubles()[0])]);

    private static long[] Dims(Tensor tensor) => [.. tensor.Dims.Select(d => (long)d)];

    private static int[] Dims(long[] dims) => [.. dims.Select(d => (int)d)];
}
#endif

#if HAVE_ONNXRUNTIME
using Strata.OnnxRuntime;
using Strata.Tensors;

namespace Strata.Cli.Bench;

/// <summary>Our values as ONNX Runtime's, and back.</summary>
internal static class OnnxRuntimeValues
{
    /// <summary>A value for ONNX Runtime.</summary>
    /// <exception cref="NotSupportedException">It takes no such values.</exception>
    public static OnnxRuntimeValue ToNative(RuntimeValue value) => value switch
    {
        Tensor { ElementType: ElementType.String } strings => new OnnxRuntimeStrings(Dims(strings), strings.Strings.ToArray()),
        Tensor tensor => new OnnxRuntimeTensor((int)tensor.ElementType, Dims(tensor), tensor.Bytes.ToArray()),
        SequenceValue sequence => new OnnxRuntimeSequence([.. sequence.Items.Select(ToNative)]),
        MapValue { Keys: var keys, Values: var values } => new OnnxRuntimeMap(ToNative(keys), ToNative(Joined(values))),
        _ => throw new NotSupportedException($"ONNX Runtime is not given values of kind {value.GetType().Name}"),
    };

    /// <summary>A value from ONNX Runtime.</summary>
    /// <exception cref="NotSupportedException">It is of a kind that we have not.</exception>
    public static RuntimeValue FromNative(OnnxRuntimeValue value) => value switch
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

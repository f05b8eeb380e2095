using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Strata.OnnxRuntime;

/// <summary>Copies between our values and ONNX Runtime's.</summary>
internal static class ValueConversion
{
    public static OrtValue ToNative(OnnxRuntimeValue value)
    {
        switch (value)
        {
            case OnnxRuntimeTensor tensor:
                return ToNative(tensor);

            case OnnxRuntimeStrings strings:
                OrtValue result = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, strings.Dims);
                for (int i = 0; i < strings.Data.Length; i++)
                {
                    result.StringTensorSetElementAt(strings.Data[i].AsSpan(), i);
                }

                return result;

            case OnnxRuntimeSequence sequence:
                return OrtValue.CreateSequence([.. sequence.Items.Select(ToNative)]);

            case OnnxRuntimeMap map:
                OrtValue keys = ToNative(map.Keys);
                OrtValue values = ToNative(map.Values);
                return OrtValue.CreateMap(ref keys, ref values);

            default:
                throw new NotSupportedException($"A {value.GetType().Name} cannot be given to ONNX Runtime.");
        }
    }

    public static OnnxRuntimeValue FromNative(OrtValue value)
    {
        switch (value.OnnxType)
        {
            case OnnxValueType.ONNX_TYPE_TENSOR:
                return FromNativeTensor(value);

            case OnnxValueType.ONNX_TYPE_SEQUENCE:
                var items = new List<OnnxRuntimeValue>(value.GetValueCount());
                value.ProcessSequence((item, _) => items.Add(FromNative(item)), OrtAllocator.DefaultInstance);
                return new OnnxRuntimeSequence(items);

            case OnnxValueType.ONNX_TYPE_MAP:
                OnnxRuntimeMap? map = null;
                value.ProcessMap(
                    (keys, values) => map = new OnnxRuntimeMap(FromNative(keys), FromNative(values)),
                    OrtAllocator.DefaultInstance);
                return map ?? throw new NotSupportedException("ONNX Runtime returned a map without content.");

            default:
                throw new NotSupportedException($"An output of kind {value.OnnxType} cannot be read from ONNX Runtime.");
        }
    }

    private static OrtValue ToNative(OnnxRuntimeTensor tensor)
    {
        TensorElementType type = Readable(tensor.ElementType);
        OrtValue result = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, tensor.Dims);
        Span<byte> target = result.GetTensorMutableRawData();
        if (target.Length != tensor.Data.Length)
        {
            int needed = target.Length;
            result.Dispose();
            throw new ArgumentException(
                $"A tensor of ONNX type {tensor.ElementType} and shape [{string.Join(", ", tensor.Dims)}] takes "
                + $"{needed} bytes; {tensor.Data.Length} are given.");
        }

        tensor.Data.CopyTo(target);
        return result;
    }

    private static OnnxRuntimeValue FromNativeTensor(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        if (info.ElementDataType == TensorElementType.String)
        {
            return new OnnxRuntimeStrings(info.Shape, value.GetStringTensorAsArray());
        }

        TensorElementType type = Readable((int)info.ElementDataType);
        return new OnnxRuntimeTensor((int)type, info.Shape, value.GetTensorMutableRawData().ToArray());
    }

    /// <summary>ONNX and ONNX Runtime number these types alike; the managed interface knows the size of no others.</summary>
    private static TensorElementType Readable(int elementType) =>
        TensorBase.GetElementTypeInfo((TensorElementType)elementType) is { IsString: false }
            ? (TensorElementType)elementType
            : throw new NotSupportedException(
                $"ONNX Runtime's managed interface neither takes nor gives tensors of element type {elementType}.");
}
